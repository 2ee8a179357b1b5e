import { createHash } from 'node:crypto'

/** Uniform numbers in [0, 1). Randomness is an argument wherever something is decided. */
export type Random = () => number

/** A 32-bit unsigned hash of a text, for seeds: the same text gives the same seed in every arm of a comparison. */
export const seedOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0)

/** The sfc32 generator (Chris Doty-Humphrey, PractRand), seeded by any text or number. */
export const seededRandom = (seed: string | number): Random => {
  const state = createHash('sha256').update(String(seed)).digest()
  let a = state.readInt32LE(0)
  let b = state.readInt32LE(4)
  let c = state.readInt32LE(8)
  let counter = state.readInt32LE(12)
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
}
