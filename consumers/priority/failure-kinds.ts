/** How many kinds of failure occurred how often; kinds are numbers. */
export interface KindCounts {
  readonly counts: number[]
  failures: number
  kinds: number
  /** Kinds that occurred once, and twice. */
  once: number
  twice: number
}

export const kindCounts = (): KindCounts => ({
  counts: [],
  failures: 0,
  kinds: 0,
  once: 0,
  twice: 0,
})

/** `by` is 1 or −1. */
export const countKind = (kinds: KindCounts, kind: number, by: 1 | -1): void => {
  const before = kinds.counts[kind] ?? 0
  const after = before + by
  kinds.counts[kind] = after
  kinds.failures += by
  kinds.kinds += Number(after > 0) - Number(before > 0)
  kinds.once += Number(after === 1) - Number(before === 1)
  kinds.twice += Number(after === 2) - Number(before === 2)
}

/** What has not been seen yet. */
export interface UnseenKinds {
  /** That the next failure is of a kind that the window does not have. */
  readonly probability: number
  readonly low: number
  readonly high: number
  /** At least so many kinds are there besides those of the window. */
  readonly kinds: number
}

const Z95 = 1.959963984540054

/**
 * Good and Turing's estimate N₁/N of the probability of the unseen (Good 1953) with Esty's normal interval (1983),
 * variance (N₁ + 2·N₂)/N² − N₁²/N³, and Chao's lower bound of the number of unseen kinds, N₁(N₁−1)/(2(N₂+1)) (1984,
 * without bias). Nothing seen: everything is unseen, and nothing is known of how many.
 */
export const unseenKinds = ({ failures, once, twice }: KindCounts): UnseenKinds => {
  if (failures === 0) return { probability: 1, low: 0, high: 1, kinds: 0 }
  const probability = once / failures
  const variance = (once + 2 * twice) / failures ** 2 - once ** 2 / failures ** 3
  const margin = Z95 * Math.sqrt(Math.max(0, variance))
  return {
    probability,
    low: Math.max(0, probability - margin),
    high: Math.min(1, probability + margin),
    kinds: (once * (once - 1)) / (2 * (twice + 1)),
  }
}
