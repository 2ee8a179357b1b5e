/** Bytes that grow at their end. Whoever keeps `bytes` across a `reserve` may hold an old copy. */
export interface GrowingBytes {
  bytes: Buffer
  length: number
}

/** The same of 32-bit numbers. */
export interface GrowingWords {
  words: Uint32Array
  length: number
}

/** What is filled row by row and can be cut back to a length that it had. */
export type Growing = GrowingBytes | GrowingWords

const FIRST_BYTES = 4096
const FIRST_WORDS = 1024

export const growingBytes = (): GrowingBytes => ({
  bytes: Buffer.allocUnsafeSlow(FIRST_BYTES),
  length: 0,
})

export const growingWords = (): GrowingWords => ({ words: new Uint32Array(FIRST_WORDS), length: 0 })

/** Makes room for `count` more and answers where they begin. The caller moves `length`. */
export const reserve = (space: GrowingBytes, count: number): number => {
  const wanted = space.length + count
  if (wanted > space.bytes.length) {
    const bytes = Buffer.allocUnsafeSlow(Math.max(wanted, space.bytes.length * 2))
    space.bytes.copy(bytes, 0, 0, space.length)
    space.bytes = bytes
  }
  return space.length
}

export const putWord = (space: GrowingWords, word: number): void => {
  if (space.length === space.words.length) grow(space, space.length + 1)
  space.words[space.length] = word
  space.length += 1
}

/** A 64-bit number by its halves, the lower one first as ClickHouse has it. */
export const putLong = (space: GrowingWords, low: number, high: number): void => {
  if (space.length + 2 > space.words.length) grow(space, space.length + 2)
  space.words[space.length] = low
  space.words[space.length + 1] = high
  space.length += 2
}

export const putBytes = (space: GrowingBytes, from: GrowingBytes): void => {
  const start = reserve(space, from.length)
  from.bytes.copy(space.bytes, start, 0, from.length)
  space.length = start + from.length
}

export const putWords = (space: GrowingWords, from: GrowingWords): void => {
  if (space.length + from.length > space.words.length) grow(space, space.length + from.length)
  for (let i = 0; i < from.length; i += 1) space.words[space.length + i] = from.words[i] ?? 0
  space.length += from.length
}

const grow = (space: GrowingWords, wanted: number): void => {
  const words = new Uint32Array(Math.max(wanted, space.words.length * 2))
  words.set(space.words.subarray(0, space.length))
  space.words = words
}

/** The bytes as they are now; later rows do not change them, `clear` does. */
export const bytesOf = (space: Growing): Uint8Array =>
  'bytes' in space
    ? space.bytes.subarray(0, space.length)
    : new Uint8Array(space.words.buffer, 0, space.length * Uint32Array.BYTES_PER_ELEMENT)

/** One huge record must not hold memory for good. */
const KEPT_BYTES = 32 * 1024 * 1024

export const clear = (space: Growing): void => {
  space.length = 0
  if ('bytes' in space && space.bytes.length > KEPT_BYTES) space.bytes = growingBytes().bytes
  if ('words' in space && space.words.byteLength > KEPT_BYTES) space.words = growingWords().words
}
