import { isUtf8 } from 'node:buffer'
import { type GrowingBytes, reserve } from './growing.ts'

// Texts as ClickHouse's binary formats have them: the length as a varint, then UTF-8.

const VARINT_BYTES = 5
/** Up to this a loop over the bytes is faster than a call. */
const SHORT_TEXT = 32
const NOT_ASCII = 0x80

const putVarint = (bytes: Buffer, place: number, value: number): number => {
  let [rest, at] = [value, place]
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

export const putText = (space: GrowingBytes, text: string): void => {
  const length = Buffer.byteLength(text)
  const first = reserve(space, length + VARINT_BYTES)
  const start = putVarint(space.bytes, first, length)
  space.bytes.write(text, start)
  space.length = start + length
}

/** Text from the wire, copied without being decoded; invalid UTF-8 becomes U+FFFD as `readString` makes it. */
export const putUtf8 = (
  space: GrowingBytes,
  source: Buffer,
  from: number,
  length: number,
): void => {
  const first = reserve(space, length + VARINT_BYTES)
  const target = space.bytes
  const start = putVarint(target, first, length)
  if (length <= SHORT_TEXT) {
    let seen = 0
    for (let i = 0; i < length; i += 1) {
      const byte = source[from + i] ?? 0
      seen |= byte
      target[start + i] = byte
    }
    space.length = start + length
    if (seen < NOT_ASCII) return
  }
  if (isUtf8(source.subarray(from, from + length))) {
    source.copy(target, start, from, from + length)
    space.length = start + length
  } else {
    space.length = first
    putText(space, source.toString('utf8', from, from + length))
  }
}

/** Hexadecimal digits of an id; of zeros alone nothing, for W3C calls such an id invalid. */
export const putId = (space: GrowingBytes, source: Buffer, from: number, length: number): void => {
  const first = reserve(space, length * 2 + VARINT_BYTES)
  const target = space.bytes
  let at = putVarint(target, first, length * 2)
  let seen = 0
  for (let i = from; i < from + length; i += 1) {
    const byte = source[i] ?? 0
    seen |= byte
    target[at++] = HEX_DIGITS[byte >> 4] ?? 0
    target[at++] = HEX_DIGITS[byte & 0xf] ?? 0
  }
  if (seen === 0) at = putVarint(target, first, 0)
  space.length = at
}

const HEX_DIGITS = Buffer.from('0123456789abcdef')
