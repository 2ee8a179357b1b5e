import { type FieldPlace, fieldsOf, varint } from './protobuf-fields.ts'
import type { Random } from './random.ts'

export type Mutation = (bytes: Buffer, random: Random) => Buffer

/** Replaces `[from, to)`. */
const spliced = (
  bytes: Buffer,
  from: number,
  to: number,
  ...parts: readonly Uint8Array[]
): Buffer => Buffer.concat([bytes.subarray(0, from), ...parts, bytes.subarray(to)])

const flipBit: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  const at = random.below(copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  return copy
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length))

const cut: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  return spliced(bytes, at, Math.min(bytes.length, at + 1 + random.below(40)))
}

const insert: Mutation = (bytes, random) =>
  spliced(
    bytes,
    ...twice(random.below(bytes.length + 1)),
    Buffer.from(Array.from({ length: 1 + random.below(12) }, () => random.below(256))),
  )

const twice = (at: number): [number, number] => [at, at]

/** Of a field that is chosen among those with the wire type, if there is one. */
const atField =
  (
    change: (bytes: Buffer, field: FieldPlace, random: Random) => Buffer,
    isMeant: (field: FieldPlace) => boolean = () => true,
  ): Mutation =>
  (bytes, random) => {
    const fields = fieldsOf(bytes).filter(isMeant)
    return fields.length === 0 ? flipBit(bytes, random) : change(bytes, random.of(fields), random)
  }

const isDelimited = ({ wireType }: FieldPlace): boolean => wireType === 2

const LENGTHS: readonly ((length: number) => number)[] = [
  () => 0,
  (length) => length + 1,
  (length) => Math.max(0, length - 1),
  (length) => length * 2,
  () => 127,
  () => 128,
  () => 2 ** 28,
  () => 2 ** 31 - 1,
  () => 2 ** 31,
  () => 2 ** 32 - 1,
  () => 2 ** 32 + 5,
]

const lengthField = atField((bytes, { value, content, end }, random) => {
  return spliced(bytes, value, content, varint(random.of(LENGTHS)(end - content)))
}, isDelimited)

const wireType = atField((bytes, { start }, random) => {
  const copy = Buffer.from(bytes)
  copy[start] = ((copy[start] ?? 0) & 0xf8) | random.below(8)
  return copy
})

const fieldNumber = atField((bytes, { start, value }, random) => {
  const numbers = [0, 1, 2, 7, 15, 16, 100, 2 ** 28, 2 ** 29 - 1]
  return spliced(bytes, start, value, varint(random.of(numbers) * 8 + random.below(6)))
})

const duplicate = atField((bytes, { start, end }, random) => {
  const field = bytes.subarray(start, end)
  return spliced(bytes, end, end, ...Array.from({ length: 1 + random.below(5) }, () => field))
})

const hugeVarint = atField(
  (bytes, { value, end }, random) => {
    const length = 5 + random.below(10)
    return spliced(bytes, value, end, Buffer.alloc(length, 0xff), Buffer.of(random.below(128)))
  },
  ({ wireType: type }) => type === 0,
)

const INVALID_UTF8 = ['c080', 'ff', 'eda080', 'f4908080', 'c3', 'f09f98', '80', 'e28028', '00']

/** In place, as far as it fits: the lengths stay right. */
const invalidText = atField((bytes, { content, end }, random) => {
  const copy = Buffer.from(bytes)
  const wrong = Buffer.from(random.of(INVALID_UTF8), 'hex')
  const at = content + random.below(Math.max(1, end - content))
  wrong.copy(copy, at, 0, Math.min(wrong.length, end - at))
  return copy
}, isDelimited)

/** Swaps two fields: what nests where nothing is expected. */
const swap = atField((bytes, one, random) => {
  const other = random.of(fieldsOf(bytes))
  return spliced(bytes, one.start, one.end, bytes.subarray(other.start, other.end))
})

export const PROTOBUF_MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  truncate,
  cut,
  insert,
  lengthField,
  lengthField,
  wireType,
  fieldNumber,
  duplicate,
  hugeVarint,
  invalidText,
  swap,
]

const delimited = (tag: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(tag), varint(content.length), content])

const LEVELS = [1, 2, 31, 62, 63, 64, 65, 66, 100, 1000, 3000]
const EMPTY = [0x0a, 0x12, 0x2a, 0x32, 0x4a, 0x5a, 0x6a]

/** Resource or item → attribute: value in value, as deep as a sender likes. */
export const nestingBomb = (random: Random): Buffer => {
  const [list, map] = [42, 50]
  let value = delimited(10, Buffer.from('deep'))
  for (let level = random.of(LEVELS); level > 0 && value.length < 12_000; level -= 1) {
    const isMap = random.below(2) === 0
    const inner = delimited(isMap ? 18 : 10, value)
    value = delimited(isMap ? map : list, isMap ? delimited(10, inner) : inner)
  }
  const attribute = Buffer.concat([delimited(10, Buffer.from('key')), delimited(18, value)])
  const isOfResource = random.below(2) === 0
  const group = isOfResource
    ? delimited(10, delimited(10, attribute))
    : delimited(18, delimited(18, delimited(random.of([74, 50]), attribute)))
  return delimited(10, group)
}

/** Near-empty messages by the thousand: two bytes on the wire, a hundred in memory. */
export const emptyBomb = (random: Random): Buffer => {
  const empties = Buffer.alloc(2 * (1 + random.below(20_000)))
  const tag = random.of(EMPTY)
  for (let at = 0; at < empties.length; at += 2) empties[at] = tag
  const depth = random.below(4)
  return Array.from({ length: depth }).reduce<Buffer>(
    (inner, _, level) => delimited(level === depth - 1 ? 10 : 18, inner),
    empties,
  )
}
