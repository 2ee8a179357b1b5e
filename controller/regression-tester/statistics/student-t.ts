import { normalQuantile } from '../normal-distribution.ts'
import { betaLowerTail } from './beta-distribution.ts'

/**
 * P(T > t) of Student's t with `df` degrees of freedom, which need not be whole: ½·I_{df/(df+t²)}(df/2, ½) for t ≥ 0, so that
 * small p-values keep their digits. NaN for df ≤ 0. Same as R's `pt(t, df, lower.tail = FALSE)`, to 1e-12.
 * @example studentUpperTail(1.7291328115213698, 19) // 0.05
 */
export const studentUpperTail = (t: number, df: number): number => {
  if (!(df > 0) || Number.isNaN(t)) return Number.NaN
  if (t < 0) return 1 - studentUpperTail(-t, df)
  return t === Infinity ? 0 : 0.5 * betaLowerTail(df / (df + t * t), df / 2, 0.5)
}

/** The t with P(T ≤ t) = p; ±∞ at 0 and 1, NaN outside. Same as R's `qt(p, df)`, to 1e-10. */
export const studentQuantile = (p: number, df: number): number => {
  if (!(p >= 0 && p <= 1 && df > 0)) return Number.NaN
  if (p === 0.5) return 0
  if (p < 0.5) return -studentQuantile(1 - p, df)
  if (p === 1) return Infinity
  const tail = 1 - p
  let low = 0
  let high = Math.max(1, normalQuantile(p))
  while (studentUpperTail(high, df) > tail) high *= 2
  for (let round = 0; round < 200; round += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (studentUpperTail(middle, df) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}
