import { normalQuantile } from './normal-distribution.ts'

/** Chance to see what is there, on which the planning figures are based. */
const POWER = 0.8

/**
 * Fewest independent tasks with which any valid test can show "no worse than −margin", even if every pair ties: a loss
 * of 1 with probability margin stays unseen with probability (1 − margin)ⁿ. More replicates of the same tasks do not
 * lower it.
 * @example fewestTasks(0.05, 0.05) // 59
 */
export const fewestTasks = (margin: number, alpha: number): number =>
  margin >= 1 ? 1 : Math.ceil(Math.log(alpha) / Math.log1p(-margin) - 1e-9)

/** Fewest tasks with which superiority can be shown, all of them won: the sign test's ½ⁿ ≤ alpha. */
export const fewestTargetTasks = (alpha: number): number =>
  Math.ceil(Math.log(alpha) / Math.log(0.5) - 1e-9)

export interface SizingFacts {
  readonly sd: number
  readonly n: number
  readonly alpha: number
  /** How many parts must hold at once; β is divided by it (α is not, since all must hold). */
  readonly parts: number
}

/** (z₁₋α + z₁₋β)·s/√n, and never less than the loss that n ties cannot exclude. null without two values. */
export const minimalDetectableEffect = ({ sd, n, alpha, parts }: SizingFacts): number | null =>
  n < 2 ? null : Math.max((zSum(alpha, parts) * sd) / Math.sqrt(n), 1 - alpha ** (1 / n))

/**
 * Tasks needed to decide with power .8: ((z₁₋α + z₁₋β)·s / distance)², at least `floor`; `distance` is the assumed true
 * effect's distance from the null hypothesis. null where it is not positive: no number of tasks would do.
 */
export const tasksNeeded = (
  { sd, alpha, parts }: SizingFacts,
  distance: number,
  floor: number,
): number | null =>
  distance > 0 ? Math.max(Math.ceil(((zSum(alpha, parts) * sd) / distance) ** 2), floor) : null

const zSum = (alpha: number, parts: number): number =>
  normalQuantile(1 - alpha) + normalQuantile(1 - (1 - POWER) / parts)
