import { normalQuantile } from '../normal-distribution.ts'
import { betaQuantile } from './beta-distribution.ts'

/** Wilson's score interval (1927) of a rate, two-sided at 1 − `alpha`; [0, 1] without trials. */
export const wilsonInterval = (
  successes: number,
  n: number,
  alpha: number,
): readonly [number, number] => {
  if (n === 0) return [0, 1]
  const z = normalQuantile(1 - alpha / 2)
  const p = successes / n
  const center = p + (z * z) / (2 * n)
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return [
    successes === 0 ? 0 : (center - half) / scale,
    successes === n ? 1 : (center + half) / scale,
  ]
}

/** Clopper and Pearson's exact interval (1934) of a rate, two-sided at 1 − `alpha`; [0, 1] without trials. */
export const clopperPearsonInterval = (
  successes: number,
  n: number,
  alpha: number,
): readonly [number, number] => [
  successes === 0 ? 0 : betaQuantile(alpha / 2, successes, n - successes + 1),
  successes === n ? 1 : betaQuantile(1 - alpha / 2, successes + 1, n - successes),
]
