import type { RunScore } from '../../schemas/agent-run.ts'
import type { SignalType } from '../../schemas/signal.ts'
import { type Judging, UNMEASURED } from './judging.ts'
import type { RawSignal } from './raw-signal.ts'
import { type Agreement, type Scorer, scorerKey, unmeasured } from './reliability.ts'
import { runScores } from './run-scores.ts'
import { ROOT_STATUS, type ScoredRun, type ScoringFacts, scoreRun } from './score-run.ts'
import { DETECTOR_PRIOR } from './scorer-prior.ts'

/** What a built-in evaluator says of a run. */
export interface Detection extends Scorer {
  /** null where it found nothing: that vouches for nothing, but is known when the detector is measured. */
  readonly value: number | null
  readonly explanation: string | null
}

/** What a scorer said of a run whose label is known. */
export interface LabelledScore extends Scorer, Agreement {
  readonly type: SignalType
}

export interface JudgedRun extends ScoredRun {
  /** Empty where nobody has labelled the run. */
  readonly agreements: readonly LabelledScore[]
}

/** All that is known about a run → its score, its label, and how the scorers agree with the people where they have spoken. */
export const judgeRun = (
  signals: readonly RawSignal[],
  detections: readonly Detection[],
  facts: ScoringFacts,
  judging: Judging = UNMEASURED,
): JudgedRun => {
  const scores = runScores(signals, judging)
  const found = detections.flatMap((one) => foundScore(one, judging))
  const scored = scoreRun(scores, facts, found)
  const isLabelled = scored.scores.some(({ type, weight }) => weight > 0 && isLabel(type))
  return {
    ...scored,
    agreements: isLabelled
      ? agreementsOf(scores, detections, scored.outcome === 'fail', facts.rootFailed)
      : [],
  }
}

const isLabel = (type: RunScore['type']): boolean => type === 'explicit' || type === 'downstream'

const foundScore = (
  { name, source, version, value, explanation }: Detection,
  { reliability }: Judging,
): readonly RunScore[] =>
  value === null
    ? []
    : [
        {
          name,
          source,
          type: 'automated',
          value,
          weight: (
            reliability.get(scorerKey({ name, source, version, isDetector: true })) ??
            unmeasured(DETECTOR_PRIOR)
          ).weight,
          version,
          explanation,
        },
      ]

/** One per scorer: what it said of several spans, or by several users, is its mean. */
const agreementsOf = (
  scores: readonly RunScore[],
  detections: readonly Detection[],
  failed: boolean,
  rootFailed: boolean,
): readonly LabelledScore[] => {
  const judged = scores.filter(
    ({ type, value, note }) => !isLabel(type) && value !== null && note !== 'over-user-limit',
  )
  const means = [...Map.groupBy(judged, scorerKey).values()].flatMap((same) => {
    const [first] = same
    const total = same.reduce((sum, { given, value }) => sum + (given ?? value ?? 0), 0)
    return first === undefined
      ? []
      : [{ ...scorerOf(first), type: first.type, value: total / same.length }]
  })
  const builtIn = [
    ...detections.map((one) => ({ ...scorerOf(one), value: one.value === null ? 1 : 0 })),
    { ...ROOT_STATUS, value: rootFailed ? 0 : 1 },
  ].map((one) => ({ ...one, isDetector: true, type: 'automated' as const }))
  return [...means, ...builtIn].map((one) => ({ ...one, failed }))
}

const scorerOf = ({ name, source, version }: Scorer): Scorer => ({ name, source, version })
