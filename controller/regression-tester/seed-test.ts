import { normalQuantile, normalUpperTail } from './normal-distribution.ts'
import { meanOf, varianceOf } from './statistics/moments.ts'

/**
 * The unpaired test of the architecture's first draft, for comparison only: H₀ "no worse than −margin", refused when
 * Z = (s̄₁ − s̄₀ + margin)/√(v₀/n₀ + v₁/n₁) < −z₁₋α. Missing evidence passes: on real agent rewards it lets a drop of
 * .1 through four times out of five at 50 tasks. The gate never uses it.
 */
export const seedTest = (
  baseline: readonly number[],
  candidate: readonly number[],
  { margin, alpha }: { readonly margin: number; readonly alpha: number },
): { readonly z: number; readonly pValue: number; readonly passes: boolean } => {
  const error = Math.sqrt(
    varianceOf(baseline) / baseline.length + varianceOf(candidate) / candidate.length,
  )
  const z = (meanOf(candidate) - meanOf(baseline) + margin) / error
  return { z, pValue: normalUpperTail(-z), passes: z >= -normalQuantile(1 - alpha) }
}
