import type { Evaluation } from '../../schemas/evaluation.ts'
import type { Policy } from '../../schemas/policy.ts'

/** How one metric of a run is compared. */
export interface MetricRule {
  readonly metric: string
  /** Largest loss that counts as none. */
  readonly margin: number
  /** Relative: differences are divided by the baseline's mean. */
  readonly scale: 'absolute' | 'relative'
  readonly lessIsBetter: boolean
}

export const SUCCESS = 'success'

/** Metrics of which less is better, unless a policy says otherwise. */
export const isCost = (metric: string): boolean => LESS_IS_BETTER.has(metric)

const LESS_IS_BETTER = new Set([
  'latencyMs',
  'durationMs',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'costUsd',
  'llmCalls',
  'modelCalls',
  'toolCalls',
  'steps',
])

/**
 * What a policy wants tested: success first, then its guardrails in order. `success` (share of passes) and `score`
 * (mean score) are absolute; every other metric is relative to the baseline's mean, and more is better unless it is a
 * known cost or the policy says otherwise.
 */
export const metricRules = ({ test }: Policy): readonly MetricRule[] => {
  const rules = test.guardrails.map(({ metric, margin, better }): MetricRule => {
    const absolute = metric === SUCCESS || metric === 'score'
    const less = better === undefined ? isCost(metric) : better === 'less'
    return {
      metric,
      margin,
      scale: absolute ? 'absolute' : 'relative',
      lessIsBetter: !absolute && less,
    }
  })
  const success = rules.find(({ metric }) => metric === SUCCESS) ?? successRule(test.margin)
  return [success, ...rules.filter(({ metric }) => metric !== SUCCESS)]
}

const successRule = (margin: number): MetricRule => ({
  metric: SUCCESS,
  margin,
  scale: 'absolute',
  lessIsBetter: false,
})

/** The metric's value of a scored run; undefined where the run does not say. */
export const metricOf = (run: Evaluation, metric: string): number | undefined => {
  if (metric === SUCCESS) return run.passed === null ? undefined : Number(run.passed)
  const value = metric === 'score' ? run.score : run.metrics[metric]
  return value === null || value === undefined || !Number.isFinite(value) ? undefined : value
}
