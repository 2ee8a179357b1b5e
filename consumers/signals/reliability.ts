import { type Calibration, calibrationOf, NODES, nodeOf } from './calibration.ts'
import { type Interval, wilsonInterval } from './wilson-interval.ts'

/** Who judged: the same scorer in another version is another one, and begins from the prior. */
export interface Scorer {
  readonly name: string
  readonly source: string
  readonly version: string | null
  /** Built in; a signal that gives itself such a name is another scorer. */
  readonly isDetector?: boolean
}
export const scorerKey = ({ name, source, version, isDetector = false }: Scorer): string =>
  JSON.stringify([isDetector, name, source, version])

/** What a scorer said about a run whose label people or downstream results have decided. */
export interface Agreement {
  readonly value: number
  readonly failed: boolean
}

/** All that is kept of a scorer's agreements: how often each value was given to runs that failed, and that passed. */
export interface AgreementCounts {
  readonly failed: readonly number[]
  readonly passed: readonly number[]
  /** Failed runs that it called failed (value < ½), and passed runs that it called passed. */
  readonly caught: number
  readonly cleared: number
}

const NONE: readonly number[] = Array.from({ length: NODES }, () => 0)
export const NO_AGREEMENTS: AgreementCounts = { failed: NONE, passed: NONE, caught: 0, cleared: 0 }

/** A scorer's value below it speaks for a failure. */
export const VERDICT = 0.5

/** Where an agreement is counted. */
export interface Cell {
  readonly node: number
  readonly saysFailed: boolean
  readonly failed: boolean
}
export const cellOf = ({ value, failed }: Agreement): Cell => ({
  node: nodeOf(value),
  saysFailed: value < VERDICT,
  failed,
})

/** The counts with one cell more, `times` over. Order does not matter, and taking away is adding a negative number. */
export const addCell = (
  counts: AgreementCounts,
  { node, saysFailed, failed }: Cell,
  times = 1,
): AgreementCounts => {
  const more = (list: readonly number[]): readonly number[] =>
    list.with(node, (list[node] ?? 0) + times)
  return failed
    ? { ...counts, failed: more(counts.failed), caught: counts.caught + (saysFailed ? times : 0) }
    : { ...counts, passed: more(counts.passed), cleared: counts.cleared + (saysFailed ? 0 : times) }
}

/** What is believed of a scorer before it is measured: a Beta distribution each, worth `runs` labelled runs. */
export interface Prior {
  readonly truePositiveRate: number
  readonly trueNegativeRate: number
  readonly runs: number
  /** It speaks only where it has found something; its silence vouches for nothing. */
  readonly isDetector?: boolean
}

export interface Rate extends Interval {
  /** As measured, null before any measurement; the interval is Wilson's. */
  readonly measured: number | null
  /** Posterior mean: shrunk to the prior while measurements are few. */
  readonly shrunk: number
}

export interface Reliability {
  readonly failedRuns: number
  readonly passedRuns: number
  /** Failed runs that it called failed. */
  readonly truePositive: Rate
  /** Passed runs that it called passed. */
  readonly trueNegative: Rate
  /** True positive + true negative rate − 1: 0 is guessing, 1 always right; interval by MOVER (Newcombe 1998). */
  readonly informedness: Interval & { readonly measured: number | null }
  /** In [0, 1]. */
  readonly weight: number
  readonly calibration: Calibration
}

/**
 * The weight of a scorer: its informedness TPR + TNR − 1, of the shrunk rates; of a detector, which speaks only for
 * failures, (TPR − FPR) / (TPR + FPR): how much more often it speaks where it should. Worse than guessing is 0. Rounded to
 * thousandths: less is no change of a run.
 */
export const reliabilityOf = (counts: AgreementCounts, prior: Prior): Reliability => {
  const total = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0)
  const failedRuns = total(counts.failed)
  const passedRuns = total(counts.passed)
  const truePositive = rateOf(counts.caught, failedRuns, prior.truePositiveRate, prior.runs)
  const trueNegative = rateOf(counts.cleared, passedRuns, prior.trueNegativeRate, prior.runs)
  return {
    failedRuns,
    passedRuns,
    truePositive,
    trueNegative,
    informedness: informednessOf(truePositive, trueNegative),
    weight: Math.round(1000 * weightOf(truePositive.shrunk, trueNegative.shrunk, prior)) / 1000,
    calibration: calibrationOf(counts.failed, counts.passed),
  }
}

const rateOf = (hits: number, n: number, prior: number, priorRuns: number): Rate => ({
  measured: n === 0 ? null : hits / n,
  shrunk: (hits + prior * priorRuns) / (n + priorRuns),
  ...wilsonInterval(hits, n),
})

const informednessOf = (positive: Rate, negative: Rate): Reliability['informedness'] => {
  if (positive.measured === null || negative.measured === null)
    return { measured: null, low: -1, high: 1 }
  const measured = positive.measured + negative.measured - 1
  const below = Math.hypot(positive.measured - positive.low, negative.measured - negative.low)
  const above = Math.hypot(positive.high - positive.measured, negative.high - negative.measured)
  return { measured, low: measured - below, high: measured + above }
}

const weightOf = (truePositive: number, trueNegative: number, prior: Prior): number => {
  const informedness = Math.max(0, truePositive + trueNegative - 1)
  return prior.isDetector === true
    ? informedness / Math.max(truePositive + 1 - trueNegative, Number.MIN_VALUE)
    : informedness
}

const priors = new WeakMap<Prior, Reliability>()

/** A scorer of which nothing is measured. */
export const unmeasured = (prior: Prior): Reliability => {
  const known = priors.get(prior) ?? reliabilityOf(NO_AGREEMENTS, prior)
  priors.set(prior, known)
  return known
}
