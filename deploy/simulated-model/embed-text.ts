import { createHash } from 'node:crypto'

const DIMENSIONS = 256

/** Hashed bag of words and word pairs, length 1: texts that share words are near one another. */
export const embedText = (text: string): number[] => {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
  const vector = new Array<number>(DIMENSIONS).fill(0)
  for (const [index, word] of words.entries())
    for (const term of [word, `${word} ${words[index + 1] ?? ''}`]) {
      const hash = createHash('md5').update(term).digest().readUInt32BE(0)
      vector[hash % DIMENSIONS] = (vector[hash % DIMENSIONS] ?? 0) + 1
    }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}
