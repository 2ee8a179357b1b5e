import type { RunStep } from '../../schemas/agent-run.ts'
import { type EvaluatorSettings, evaluatorSettings } from '../../schemas/signal-settings.ts'
import type { SignalRow } from '../../schemas/tables.ts'
import { evaluateRun } from '../evaluators/evaluate-run.ts'
import type { RunFacts } from '../evaluators/run-facts.ts'
import { type JudgedRun, judgeRun } from '../signals/judge-run.ts'
import type { Judging } from '../signals/judging.ts'
import { placedId, type RawSignal, rawSignalOf } from '../signals/raw-signal.ts'
import { readStructured, readToolSchemas } from './read-declarations.ts'
import type { StepError } from './read-error.ts'
import { readEvaluations } from './read-evaluations.ts'
import type { TraceRows } from './read-spans.ts'
import { leavesOf, type SpanTree } from './span-tree.ts'

/** How runs are judged. Without `judging` nothing is measured yet. */
export interface JudgingRules {
  readonly passThreshold: number
  readonly passThresholds: Readonly<Record<string, number>>
  readonly judging?: Judging
  readonly evaluators?: EvaluatorSettings
}

/** A run that is read but not yet judged. */
export interface UnjudgedRun {
  readonly traceId: string
  readonly partOf: string | null
  readonly identity: { readonly taskType: string | null }
  readonly rows: TraceRows
  readonly tree: SpanTree
  readonly error: StepError | null
}

/** What of it the evaluators look at. */
export interface ReadRun {
  readonly output: string | null
  readonly steps: readonly RunStep[]
}

const STANDARD = evaluatorSettings.parse({})

/** Everything that was said about a run, in its telemetry and by signals. */
export const judgementsOn = (
  open: UnjudgedRun,
  signals: readonly SignalRow[],
): readonly RawSignal[] => [
  ...readEvaluations(open.rows).map((one) => ({
    ...one,
    id: placedId({ TraceId: open.partOf ?? open.traceId, SessionId: '', Id: one.id }),
  })),
  ...signals.map(rawSignalOf),
]

/** The score of a run, its label, and what its scorers said where people have labelled it. */
export const judgeOpenRun = (
  open: UnjudgedRun,
  read: ReadRun,
  judgements: readonly RawSignal[],
  { judging, evaluators = STANDARD, ...rules }: JudgingRules,
): JudgedRun =>
  judgeRun(
    judgements,
    evaluateRun(factsOf(open, read), evaluators),
    {
      passThreshold: thresholdOf(open.identity.taskType, rules),
      rootFailed: evaluators.errorStatus && open.error !== null,
    },
    judging,
  )

const factsOf = ({ tree }: UnjudgedRun, { output, steps }: ReadRun): RunFacts => {
  const byId = new Map(steps.map((step) => [step.spanId, step]))
  const lastCall = leavesOf(tree, 'llm').at(-1)
  return {
    output,
    toolCalls: leavesOf(tree, 'tool').flatMap(({ span }) => byId.get(span.row.SpanId) ?? []),
    lastCall: byId.get(lastCall?.span.row.SpanId ?? '') ?? null,
    toolSchemas: readToolSchemas(tree.nodes),
    structured: readStructured(lastCall),
  }
}

const thresholdOf = (taskType: string | null, rules: JudgingRules): number =>
  taskType !== null && Object.hasOwn(rules.passThresholds, taskType)
    ? (rules.passThresholds[taskType] ?? rules.passThreshold)
    : rules.passThreshold
