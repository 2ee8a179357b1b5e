import type { SignalType } from '../../schemas/signal.ts'
import { type MetricTable, metricOf } from './metric-table.ts'
import type { Prior, Scorer } from './reliability.ts'

const PRIOR_RUNS = 20

/** A detector of failures: it finds few of them and is seldom wrong when it speaks. */
export const DETECTOR_PRIOR: Prior = {
  truePositiveRate: 0.3,
  trueNegativeRate: 0.95,
  runs: PRIOR_RUNS,
  isDetector: true,
}

const rightIn = (share: number): Prior => ({
  truePositiveRate: share,
  trueNegativeRate: share,
  runs: PRIOR_RUNS,
})
const SCORER_PRIOR = rightIn(0.8)
const WEAK_PRIOR = rightIn(0.7)

/** Of a judgement that arrives: people accept out of convenience, and what a metric that nobody declared means is a guess. */
export const priorOf = (type: SignalType, isDeclared: boolean): Prior =>
  type === 'implicit' || !isDeclared ? WEAK_PRIOR : SCORER_PRIOR

/** The same of a scorer that is known by name. */
export const priorOfScorer = (
  { name, isDetector }: Scorer,
  type: SignalType,
  metrics: MetricTable,
): Prior => (isDetector === true ? DETECTOR_PRIOR : priorOf(type, metricOf(name, metrics) !== null))
