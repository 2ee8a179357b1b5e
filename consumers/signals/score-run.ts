import type { RunScore } from '../../schemas/agent-run.ts'

export interface ScoredRun {
  readonly score: number
  readonly outcome: 'pass' | 'fail'
  /** Every score with the weight that it had in the decision; what decided nothing has weight 0. */
  readonly scores: readonly RunScore[]
}

export interface ScoringFacts {
  /** θ of the run's task type: a lower score is a failure. */
  readonly passThreshold: number
  /** The root span ended with an error; false also where that shall not count. */
  readonly rootFailed: boolean
}

const DECISIVE = new Set<RunScore['type']>(['explicit', 'downstream'])

/**
 * eval(τ) = Σ wᵢ·vᵢ / Σ wᵢ over the scores that decide: the explicit and downstream ones where there is any, else all, with
 * what the detectors found. Scores without a value decide nothing. Without any judgement the root span's status counts: 0
 * with an error, else 1 unless a detector found something.
 */
export const scoreRun = (
  scores: readonly RunScore[],
  facts: ScoringFacts,
  found: readonly RunScore[] = [],
): ScoredRun => {
  const readable = scores.filter(({ value, weight }) => value !== null && weight > 0)
  const decisive = readable.filter(({ type }) => DECISIVE.has(type))
  const speaking = found.filter(({ weight }) => weight > 0)
  const status =
    readable.length === 0 && (facts.rootFailed || speaking.length === 0)
      ? [rootStatus(facts.rootFailed)]
      : []
  const all = [...scores, ...found, ...status]
  const deciding = new Set(decisive.length > 0 ? decisive : [...readable, ...speaking, ...status])
  const weighed = all.map((score) => (deciding.has(score) ? score : { ...score, weight: 0 }))
  const score = weightedMean(weighed)
  return { score, outcome: score < facts.passThreshold ? 'fail' : 'pass', scores: weighed }
}

export const ROOT_STATUS = { name: 'root_status', source: 'root span', version: null } as const

const rootStatus = (failed: boolean): RunScore => ({
  ...ROOT_STATUS,
  type: 'automated',
  value: failed ? 0 : 1,
  weight: 1,
  explanation: null,
})

const weightedMean = (scores: readonly RunScore[]): number => {
  const weights = scores.reduce((sum, { weight }) => sum + weight, 0)
  const total = scores.reduce((sum, { value, weight }) => sum + (value ?? 0) * weight, 0)
  const deciding = scores.flatMap(({ value, weight }) => (weight > 0 ? [value ?? 0] : []))
  // Rounding, and underflow under tiny weights, may carry a mean beyond what it is the mean of.
  return Math.min(Math.max(...deciding), Math.max(Math.min(...deciding), total / weights))
}
