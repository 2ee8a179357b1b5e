import { normalUpperTail } from '../normal-distribution.ts'
import { logGamma } from './beta-distribution.ts'
import { studentQuantile } from './student-t.ts'

const POINTS = 4000

/**
 * Power of the one-sided paired t-test: P(T > t_{1−α}) for the non-central t with n − 1 degrees of freedom and
 * non-centrality √n·distance/sd, by integrating Φ̄(t·s − ncp) over the density of s = √(χ²/df). n need not be whole.
 * Same as statsmodels' `TTestPower().power(d, n, alpha, alternative='larger')`.
 */
export const tTestPower = ({
  distance,
  sd,
  n,
  alpha,
}: {
  readonly distance: number
  readonly sd: number
  readonly n: number
  readonly alpha: number
}): number => {
  const df = n - 1
  if (!(df > 0)) return Number.NaN
  const critical = studentQuantile(1 - alpha, df)
  const shift = (Math.sqrt(n) * distance) / sd
  const logScale = Math.log(2) + (df / 2) * Math.log(df / 2) - logGamma(df / 2)
  const width = Math.min(0.999_999, 10 / Math.sqrt(2 * df))
  const [low, high] = [Math.max(1e-9, 1 - width), 1 + 12 / Math.sqrt(2 * df)]
  const step = (high - low) / POINTS
  let sum = 0
  for (let k = 0; k <= POINTS; k += 1) {
    const s = low + k * step
    const density = Math.exp(logScale + (df - 1) * Math.log(s) - (df * s * s) / 2)
    const weight = k === 0 || k === POINTS ? 1 : 2 + 2 * (k % 2)
    sum += weight * density * normalUpperTail(critical * s - shift)
  }
  return (sum * step) / 3
}

/** Smallest n, not rounded, with which the one-sided paired t-test sees `distance` with this power. Infinity for none. */
export const tTestSize = (
  question: { readonly distance: number; readonly sd: number; readonly alpha: number },
  power: number,
): number => {
  if (!(question.distance > 0)) return Infinity
  let [low, high] = [1.5, 4]
  while (tTestPower({ ...question, n: high }) < power) high *= 2
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2
    if (tTestPower({ ...question, n: middle }) < power) low = middle
    else high = middle
  }
  return high
}
