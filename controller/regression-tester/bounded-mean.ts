import { type GammaTerm, probabilityNotPositive } from './gamma-combination.ts'

/** The range that no value can leave, whether it was seen or not. */
export interface Support {
  readonly low: number
  readonly high: number
}

/**
 * One-sided p-value of H₀ "mean ≤ nullMean" for independent values in a known range, after Gaffke (2005): the
 * probability that Σ wᵢxᵢ + w₀·low ≤ nullMean under uniform (Dirichlet) weights. The extra worst-case atom stands for
 * the loss that may not have shown yet.
 * It assumes no distribution and no variance. On values in {low, x} it is Clopper and Pearson's exact test, on signs
 * with nullMean 0 the exact sign test; for large n it approaches the t-test. No values give 1.
 * @example meanPValue(Array(59).fill(0), { low: -1, high: 1 }, -0.05) // 0.95 ** 59 = 0.0485
 */
export const meanPValue = (
  values: readonly number[],
  { low }: Support,
  nullMean: number,
): number =>
  values.length === 0 ? 1 : probabilityNotPositive(shifted(grouped(values, low), nullMean))

/**
 * Lower and upper confidence bound of the mean, each one-sided at `alpha` (so an interval at level 1 − 2·alpha).
 * `meanPValue(…, m) < alpha` exactly where the lower bound is above m.
 */
export const meanBounds = (
  values: readonly number[],
  { low, high }: Support,
  alpha: number,
): readonly [number, number] => [
  lowerBound(values, low, alpha),
  -lowerBound(
    values.map((value) => -value),
    -high,
    alpha,
  ),
]

const BISECTIONS = 40

const lowerBound = (values: readonly number[], low: number, alpha: number): number => {
  const atoms = grouped(values, low)
  let below = low
  let above = values.reduce((most, value) => Math.max(most, value), low)
  for (let round = 0; round < BISECTIONS && above - below > 1e-10; round += 1) {
    const middle = (below + above) / 2
    if (probabilityNotPositive(shifted(atoms, middle)) < alpha) below = middle
    else above = middle
  }
  return below
}

/** Values with their counts, and the worst-case atom: Dirichlet weights are gammas over their sum. */
const grouped = (values: readonly number[], low: number): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>([[low, 1]])
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

const shifted = (atoms: ReadonlyMap<number, number>, by: number): readonly GammaTerm[] =>
  [...atoms].map(([value, shape]) => ({ coefficient: value - by, shape }))
