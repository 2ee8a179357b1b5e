import { malformedJson } from './codec.ts'

/** Each level of an AnyValue takes up to five brackets, and the messages around it a dozen. */
const DEEPEST_JSON = 340

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING = [0x5b, 0x7b]
const CLOSING = [0x5d, 0x7d]

/** Counts brackets before parsing: ten million nested lists would parse, and fill the heap. */
const refuseDeep = (bytes: Uint8Array): void => {
  let depth = 0
  let quoted = false
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0
    if (byte === BACKSLASH) i += 1
    else if (byte === QUOTE) quoted = !quoted
    else if (quoted) continue
    else if (OPENING.includes(byte)) depth += 1
    else if (CLOSING.includes(byte)) depth -= 1
    if (depth > DEEPEST_JSON) throw malformedJson('$', `is nested too deeply at byte ${i}`)
  }
}

interface Source {
  readonly source?: string
}

/** Whole numbers that a double cannot hold stay text: senders write nanoseconds and 64-bit integers as bare numbers. */
const exactNumbers = (_key: string, value: unknown, context?: Source): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value

/** JSON text as plain values. Invalid UTF-8 becomes U+FFFD. */
export const parseJson = (bytes: Uint8Array): unknown => {
  refuseDeep(bytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  try {
    // The reviver costs as much as parsing; most senders write big numbers as strings.
    return /[[:,\s]-?\d{16}/.test(text) ? JSON.parse(text, exactNumbers) : JSON.parse(text)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw malformedJson('$', `is not JSON: ${problem}`)
  }
}
