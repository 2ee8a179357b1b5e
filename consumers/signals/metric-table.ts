import type { SignalType } from '../../schemas/signal.ts'
import type { MetricDeclaration } from '../../schemas/signal-settings.ts'

/** How the raw values of a metric are read; declared in the configuration, or here. */
export interface Metric {
  readonly type: SignalType
  /** Raw values at the two ends; the first is the worst unless `lowerIsBetter`. */
  readonly range: readonly [number, number]
  readonly lowerIsBetter?: boolean
  /** −1, 0 and 1 are down, nothing and up: only 1 is a success. */
  readonly thumbs?: boolean
  /** Labels of this metric that decide whatever the number is, beside the words that every metric knows. */
  readonly failingLabels?: readonly string[]
  readonly passingLabels?: readonly string[]
  /** Relative to other metrics that decide the same run. Default 1. */
  readonly weight?: number
}
/** By name as `metricKey` writes it. */
export type MetricTable = Readonly<Record<string, Metric>>

const unit = (type: SignalType, rest: Partial<Metric> = {}): Metric => ({
  type,
  range: [0, 1],
  ...rest,
})
const thumbs: Metric = { type: 'explicit', range: [-1, 1], thumbs: true }
const stars: Metric = { type: 'explicit', range: [1, 5] }
const judged = unit('automated')
const harm = unit('automated', { lowerIsBetter: true })
const regret = unit('downstream', { lowerIsBetter: true })

/** Metric name (lower case, words joined by `_`) → how to read it. A name that is not here is read as [0, 1], higher better. */
export const METRICS: MetricTable = {
  user_feedback: thumbs,
  feedback: thumbs,
  thumbs,
  user_thumbs: thumbs,
  thumbs_up: unit('explicit'),
  thumbs_down: unit('explicit', { lowerIsBetter: true }),
  user_rating: stars,
  rating: stars,
  stars,
  csat: stars,
  nps: { type: 'explicit', range: [0, 10] },
  correction: unit('explicit', { lowerIsBetter: true }),
  reward: unit('explicit'),

  tests_passed: unit('downstream'),
  ci: unit('downstream'),
  build: unit('downstream'),
  deployment: unit('downstream'),
  task_completed: unit('downstream'),
  resolved: unit('downstream'),
  ticket_reopened: regret,
  reverted: regret,
  escalated: regret,

  accepted: unit('implicit'),
  acceptance: unit('implicit'),
  acceptance_rate: unit('implicit'),
  abandoned: unit('implicit', { lowerIsBetter: true }),
  edit_distance: unit('implicit', { lowerIsBetter: true }),
  retried: unit('implicit', { lowerIsBetter: true }),
  retries: { type: 'implicit', range: [0, 3], lowerIsBetter: true },

  judge: judged,
  correctness: judged,
  faithfulness: judged,
  groundedness: judged,
  relevance: judged,
  answer_relevance: judged,
  answer_relevancy: judged,
  helpfulness: judged,
  task_success: judged,
  toxicity: harm,
  hallucination: harm,
  bias: harm,
  harmfulness: harm,
  pii_leakage: harm,
  loop_detected: harm,
  error_rate: harm,
}

/** `User-Feedback`, `user feedback` and `user_feedback` are one metric. */
export const metricKey = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s.\-/]+/g, '_')

/** The built-in metrics with those of the configuration over them. */
export const metricTable = (
  declared: Readonly<Record<string, MetricDeclaration>> = {},
): MetricTable => ({
  ...METRICS,
  ...Object.fromEntries(
    Object.entries(declared).map(([name, { direction, ...rest }]) => [
      metricKey(name),
      { ...rest, lowerIsBetter: direction === 'lower' },
    ]),
  ),
})

/** The declared reading of a metric, or null. */
export const metricOf = (name: string, metrics: MetricTable = METRICS): Metric | null => {
  const key = metricKey(name)
  return Object.hasOwn(metrics, key) ? (metrics[key] ?? null) : null
}
