import { isotonicRegression } from './isotonic-regression.ts'

/** Values are counted to the nearest 1/20: so much is kept of a scorer, however many runs it has judged. */
export const NODES = 21
/** What the identity counts for against measurements, in labelled runs. */
const PRIOR_RUNS = 20

export const nodeOf = (value: number): number => Math.round(value * (NODES - 1))

/** Values at 0, 1/20, … 1, non-decreasing; between them linear. */
export type Calibration = readonly number[]
export const IDENTITY: Calibration = Array.from({ length: NODES }, (_, node) => node / (NODES - 1))

/**
 * A scorer's value → how likely a run with that value is good, were good and bad equally frequent: isotonic regression of
 * the labels on the value, with the identity as a prior of 20 runs spread over the scale. Both labels weigh the same in
 * total, as who gives feedback is no sample of all; their common mass is `4·f·p / (f + p)`, so that without one of the
 * two the map is the identity.
 */
export const calibrationOf = (
  failed: readonly number[],
  passed: readonly number[],
): Calibration => {
  const sum = (counts: readonly number[]): number => counts.reduce((total, one) => total + one, 0)
  const all = sum(failed) + sum(passed)
  if (sum(failed) === 0 || sum(passed) === 0) return IDENTITY
  const weightOfFailed = (2 * sum(passed)) / all
  const weightOfPassed = (2 * sum(failed)) / all
  const prior = PRIOR_RUNS / NODES
  const weights = IDENTITY.map(
    (_, node) =>
      prior + weightOfFailed * (failed[node] ?? 0) + weightOfPassed * (passed[node] ?? 0),
  )
  const means = IDENTITY.map(
    (value, node) =>
      (prior * value + weightOfPassed * (passed[node] ?? 0)) / (weights[node] ?? prior),
  )
  return isotonicRegression(means, weights)
}

/** A value on the map, rounded to thousandths: less is no change of a run. */
export const calibrated = (value: number, map: Calibration): number => {
  const place = Math.min(Math.max(value, 0), 1) * (NODES - 1)
  const node = Math.min(Math.floor(place), NODES - 2)
  const low = map[node] ?? value
  const high = map[node + 1] ?? value
  if (map === IDENTITY) return value
  return Math.round((low + (high - low) * (place - node)) * 1000) / 1000
}
