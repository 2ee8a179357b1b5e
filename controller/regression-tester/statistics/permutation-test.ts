import type { Random } from '../../../schemas/seeded-random.ts'

export interface PermutationResult {
  /** One-sided, of "the differences are symmetric about 0", against a positive mean. */
  readonly pValue: number
  /** Every assignment of signs was counted; otherwise a sample of them. */
  readonly exact: boolean
}

/** 2^20 sums take some milliseconds. */
const MOST_ENUMERATED = 20
const SAMPLES = 20_000
/** Sums that differ by rounding alone are equal. */
const RELATIVE_TOLERANCE = 1e-12

/**
 * Fisher's sign-flip test of paired differences. Zeros change nothing and are left out. Up to 20 differences all 2ⁿ sign
 * assignments are enumerated (Gray code); beyond that 20,000 are drawn and p = (1 + hits)/(1 + draws), which is valid
 * for any number of draws (Phipson & Smyth 2010). NaN where a value is not finite; 1 without differences.
 */
export const permutationTest = (
  differences: readonly number[],
  random: Random,
): PermutationResult => {
  const sizes = differences.filter((difference) => difference !== 0).map(Math.abs)
  const seen = differences.reduce((sum, difference) => sum + difference, 0)
  if (!Number.isFinite(seen)) return { pValue: Number.NaN, exact: true }
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const reached = (sum: number): boolean => sum >= seen - total * RELATIVE_TOLERANCE
  return sizes.length <= MOST_ENUMERATED
    ? { pValue: enumerated(sizes, total, reached), exact: true }
    : { pValue: sampled(sizes, reached, random), exact: false }
}

const enumerated = (
  sizes: readonly number[],
  total: number,
  reached: (sum: number) => boolean,
): number => {
  const signs = sizes.map(() => 1)
  const count = 2 ** sizes.length
  let sum = total
  let hits = reached(sum) ? 1 : 0
  for (let step = 1; step < count; step += 1) {
    const flipped = 31 - Math.clz32(step & -step)
    const sign = -(signs[flipped] ?? 1)
    signs[flipped] = sign
    sum += 2 * sign * (sizes[flipped] ?? 0)
    if (reached(sum)) hits += 1
  }
  return hits / count
}

const sampled = (
  sizes: readonly number[],
  reached: (sum: number) => boolean,
  random: Random,
): number => {
  let hits = 0
  for (let draw = 0; draw < SAMPLES; draw += 1)
    if (reached(sizes.reduce((sum, size) => sum + (random() < 0.5 ? size : -size), 0))) hits += 1
  return (1 + hits) / (1 + SAMPLES)
}
