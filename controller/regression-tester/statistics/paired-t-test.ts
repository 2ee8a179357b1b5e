import { meanOf, varianceOf } from './moments.ts'
import { studentQuantile, studentUpperTail } from './student-t.ts'

export interface PairedTest {
  readonly n: number
  readonly effect: number
  readonly standardError: number
  readonly t: number
  readonly df: number
  /** One-sided, of H₀ "mean ≤ −margin". */
  readonly pValue: number
  /** One-sided bounds, each at alpha. */
  readonly interval: readonly [number, number]
}

/**
 * Student's test of H₀ "mean difference ≤ −margin": t = (d̄ + margin)/SE with n − 1 degrees of freedom. null below two
 * differences, for values that are not finite, and where all differences are equal: no spread proves nothing.
 * R: `t.test(d, mu = -margin, alternative = "greater")`.
 */
export const pairedTTest = (
  differences: readonly number[],
  { margin, alpha }: { readonly margin: number; readonly alpha: number },
): PairedTest | null => {
  const n = differences.length
  const standardError = Math.sqrt(varianceOf(differences) / n)
  if (!(n >= 2 && standardError > 0 && Number.isFinite(standardError))) return null
  const effect = meanOf(differences)
  const df = n - 1
  const t = (effect + margin) / standardError
  const half = studentQuantile(1 - alpha, df) * standardError
  return {
    n,
    effect,
    standardError,
    t,
    df,
    pValue: studentUpperTail(t, df),
    interval: [effect - half, effect + half],
  }
}
