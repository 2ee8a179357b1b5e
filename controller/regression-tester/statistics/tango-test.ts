import { normalQuantile, normalUpperTail } from '../normal-distribution.ts'

/** Counts of paired pass/fail results: `lost` pairs the candidate alone fails, `won` pairs it alone passes, of n. */
export interface PairedCounts {
  readonly lost: number
  readonly won: number
  readonly n: number
}

/**
 * Tango's score statistic (1998) of H₀ "difference of the pass rates = difference", restricted estimate
 * q = (√(B² − 4AC) − B)/2A with A = 2n, B = −b − c + (2n − c + b)D, C = −b·D(1 − D) written for the losses.
 * It works without a single discordant pair. NaN for n = 0.
 */
export const tangoStatistic = ({ lost, won, n }: PairedCounts, difference: number): number => {
  const a = 2 * n
  const b = -lost - won + (2 * n - won + lost) * difference
  const c = -lost * difference * (1 - difference)
  const q = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
  const variance = n * (2 * q + difference * (1 - difference))
  const distance = won - lost - n * difference
  if (variance <= 0) return distance === 0 ? 0 : Math.sign(distance) * Infinity
  return distance / Math.sqrt(variance)
}

/** One-sided p-value of H₀ "pass rate falls by the margin or more". Slightly liberal for small n; see the room's README. */
export const tangoPValue = (counts: PairedCounts, margin: number): number =>
  counts.n > 0 ? normalUpperTail(tangoStatistic(counts, -margin)) : 1

/** Score interval of the difference, each side at `alpha`: the D with Z(D) = ±z, by bisection. */
export const tangoInterval = (counts: PairedCounts, alpha: number): readonly [number, number] => {
  const z = normalQuantile(1 - alpha)
  return counts.n > 0 ? [solve(counts, z), solve(counts, -z)] : [-1, 1]
}

/** Z falls as the hypothesised difference grows. */
const solve = (counts: PairedCounts, z: number): number => {
  let low = -1
  let high = 1
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2
    if (tangoStatistic(counts, middle) > z) low = middle
    else high = middle
  }
  return (low + high) / 2
}
