import { emptyBomb, type Mutation } from './mutate-protobuf.ts'
import type { Random } from './random.ts'

const spliced = (bytes: Buffer, from: number, to: number, text: string | Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), Buffer.from(text), bytes.subarray(to)])

const setByte: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes)
  copy[random.below(copy.length)] = random.below(256)
  return copy
}

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length))

const cut: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  return spliced(bytes, at, Math.min(bytes.length, at + 1 + random.below(40)), '')
}

const repeat: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  return spliced(bytes, at, at, bytes.subarray(at, at + 1 + random.below(80)))
}

/** A token of the text, chosen from those that match. */
const atToken =
  (pattern: RegExp, replacements: readonly string[]): Mutation =>
  (bytes, random) => {
    const text = bytes.toString('latin1')
    const found = [...text.matchAll(pattern)]
    if (found.length === 0) return setByte(bytes, random)
    const { 0: token, index } = random.of(found)
    return spliced(bytes, index, index + token.length, random.of(replacements))
  }

const VALUES = [
  'null',
  'true',
  '{}',
  '[]',
  '""',
  '-1',
  '1e400',
  '"1e30"',
  '99999999999999999999999',
  '"NaN"',
  '"\\ud800"',
  '"0x10"',
  '"====" ',
  '[[[]]]',
  '{"__proto__":{"kind":"string"}}',
  '{"constructor":1,"arrayValue":{"values":[{}]}}',
]
const KEYS = [
  '"stringValue"',
  '"arrayValue"',
  '"kvlistValue"',
  '"bytesValue"',
  '"__proto__"',
  '"toString"',
  '"resourceSpans"',
  '"string_value"',
  '""',
]

export const JSON_MUTATIONS: readonly Mutation[] = [
  setByte,
  truncate,
  cut,
  repeat,
  atToken(/"[^"\\]*"(?=:)/g, KEYS),
  atToken(/(?<=:)(?:-?\d+|"[^"\\]*")/g, VALUES),
  atToken(/\{[^{}[\]]*\}|\[[^{}[\]]*\]/g, VALUES),
  atToken(/[{}[\],:]/g, ['', '[', '{', '}', ']', ',', ':']),
]

const LEVELS = [1, 30, 63, 64, 65, 1000, 5000]

/** Values in values, as deep as a sender likes, or thousands of empty ones. */
export const jsonBomb = (random: Random): Buffer => {
  if (random.below(3) === 0) return emptyBomb(random)
  const depth = random.of(LEVELS)
  const [open, close] = random.of([
    ['{"arrayValue":{"values":[', ']}}'],
    ['{"kvlistValue":{"values":[{"key":"k","value":', '}]}}'],
    ['[', ']'],
  ])
  const value = `${open.repeat(depth)}{}${close.repeat(random.below(10) === 0 ? depth - 1 : depth)}`
  const many = `${'{},'.repeat(random.below(5000))}{"name":"n","attributes":[{"key":"k","value":${value}}]}`
  return Buffer.from(
    `{"resourceSpans":[{"scopeSpans":[{"spans":[${many}]}]}],"resourceLogs":[{"resource":{"attributes":[{"key":"k","value":${value}}]}}]}`,
  )
}
