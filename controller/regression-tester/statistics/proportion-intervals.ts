import { betaQuantile } from './beta-distribution.ts'

/** Clopper and Pearson's exact interval (1934) of a rate, two-sided at 1 − `alpha`; [0, 1] without trials. */
export const clopperPearsonInterval = (
  successes: number,
  n: number,
  alpha: number,
): readonly [number, number] => [
  successes === 0 ? 0 : betaQuantile(alpha / 2, successes, n - successes + 1),
  successes === n ? 1 : betaQuantile(1 - alpha / 2, successes + 1, n - successes),
]
