import type { Accumulator } from './accumulator.ts'

/** Log wealth of each bettor, and the highest log e-value that was ever reached. */
export interface Wealth {
  readonly logWealth: readonly number[]
  readonly highest: number
}

const FRACTIONS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9]

/**
 * An e-process against H₀ "the mean of differences in [−1, 1] is at most `nullMean`, given the past": seven bettors
 * stake a constant fraction c on X = (D + 1)/2 with λ = c/m₀, m₀ = (1 + nullMean)/2; the e-value is their mean wealth.
 * By Ville's inequality it reaches 1/alpha with probability at most alpha, however often one looks, so `highest` may be
 * compared with ln(1/alpha) at any time (Waudby-Smith & Ramdas 2024). The order of the differences must not depend on
 * their values.
 */
export const bettingEProcess = (
  nullMean: number,
): Accumulator<number, Wealth, { readonly logE: number; readonly highest: number }> => {
  const center = Math.max((1 + nullMean) / 2, Number.EPSILON)
  return {
    initial: { logWealth: FRACTIONS.map(() => 0), highest: 0 },
    add: ({ logWealth, highest }, difference) => {
      const excess = (difference + 1) / 2 / center - 1
      const next = logWealth.map((log, j) => log + Math.log1p((FRACTIONS[j] ?? 0) * excess))
      return { logWealth: next, highest: Math.max(highest, logMean(next)) }
    },
    result: ({ logWealth, highest }) => ({ logE: logMean(logWealth), highest }),
  }
}

/**
 * Lower and upper confidence sequence of the mean after these differences, each at `alpha`: the bounds beyond which
 * every null hypothesis has at some time been refuted. They hold at all times at once. Without differences ±1.
 */
export const confidenceSequence = (
  differences: readonly number[],
  alpha: number,
): readonly [number, number] => [
  refutedBelow(differences, alpha),
  -refutedBelow(
    differences.map((difference) => -difference),
    alpha,
  ),
]

/** The e-value falls as the null mean grows, so that a bisection finds the largest refuted one. */
const refutedBelow = (differences: readonly number[], alpha: number): number => {
  let refuted = -1
  let open = 1
  for (let round = 0; round < 24; round += 1) {
    const middle = (refuted + open) / 2
    const bets = bettingEProcess(middle)
    const { highest } = differences.reduce(bets.add, bets.initial)
    if (highest >= -Math.log(alpha)) refuted = middle
    else open = middle
  }
  return refuted
}

const logMean = (logs: readonly number[]): number => {
  const most = Math.max(...logs)
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length)
}
