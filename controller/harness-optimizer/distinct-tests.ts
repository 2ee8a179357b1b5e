import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { Task } from '../../schemas/task.ts'

/** Cosine of word and word-pair counts from which two inputs are one. */
const SAME_INPUT = 0.85

type Counts = ReadonlyMap<string, number>

const inputText = (input: unknown): string =>
  typeof input === 'string' ? input : canonicalJson(input)

const countsOf = (input: unknown): Counts => {
  const words =
    inputText(input)
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const pairs = words.slice(1).map((word, index) => `${words[index]} ${word}`)
  const counts = new Map<string, number>()
  for (const gram of [...words, ...pairs]) counts.set(gram, (counts.get(gram) ?? 0) + 1)
  return counts
}

const dot = (a: Counts, b: Counts): number =>
  [...a].reduce((sum, [gram, count]) => sum + count * (b.get(gram) ?? 0), 0)

/**
 * Cosine similarity of two inputs over word and word-pair counts, in [0, 1]. Inputs without a word are alike only
 * when they are equal.
 */
export const inputSimilarity = (a: unknown, b: unknown): number => {
  if (inputText(a) === inputText(b)) return 1
  const [left, right] = [countsOf(a), countsOf(b)]
  const length = Math.sqrt(dot(left, left) * dot(right, right))
  return length === 0 ? 0 : dot(left, right) / length
}

const sameScorers = (a: Task, b: Task): boolean =>
  canonicalJson([a.scorers, a.expected]) === canonicalJson([b.scorers, b.expected])

/**
 * New tests without near-duplicates of one another or of the existing ones: alike in input *and* checked alike. Two
 * like questions with unlike answers are the most useful pair there is. The order of the new tests does not matter.
 */
export const distinctTests = (
  fresh: readonly Task[],
  existing: readonly Task[],
): readonly Task[] => {
  const kept: Task[] = []
  const inOrder = [...fresh].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  for (const test of inOrder) {
    const isKnown = [...existing, ...kept].some(
      (other) =>
        other.id === test.id ||
        (sameScorers(test, other) && inputSimilarity(test.input, other.input) >= SAME_INPUT),
    )
    if (!isKnown) kept.push(test)
  }
  return kept
}
