import type { AgentRun, RunStep } from '../../schemas/agent-run.ts'
import { sha256 } from '../../schemas/canonical-json.ts'
import { answerShape } from './answer-shape.ts'
import { errorTextOf } from './error-text.ts'
import { maskText } from './mask-text.ts'

/** Which step failed, without its particulars. */
export interface FailingStep {
  readonly kind: string
  readonly tool: string
  readonly errorType: string
  /** `last`: no tool succeeded after it. `overcome`: the run went on, and may have failed for another reason. */
  readonly position?: StepPosition
}
export type StepPosition = 'last' | 'overcome'

/**
 * What kind of failure a run is, without the particulars of the run: equal kinds have equal keys.
 * Features are `family:name`, sorted, each once; families are `tool`, `pair`, `error`, `answer` and `task`.
 */
export interface Fingerprint {
  readonly key: string
  /** Masked text of the error, or of the answer where nothing reported an error. */
  readonly template: string
  readonly failingStep: FailingStep | null
  /** The step that failed, as a pointer into the trace; not part of the key. */
  readonly spanId: string | null
  readonly features: readonly string[]
}

const TEMPLATE_CHARS = 240
const NAME_CHARS = 120
const ERROR_WORDS = 24
const ANSWER_WORDS = 24

/** The fingerprint of a run. The same content gives the same fingerprint, whatever ids and times it has. */
export const fingerprintOf = (run: AgentRun): Fingerprint => {
  const failures = run.steps.flatMap(failureOf)
  const last = failures.at(-1)
  const failingStep =
    last === undefined ? null : { ...last.signature, position: positionOf(run.steps, last.spanId) }
  const runError = run.error === null ? null : describeError(run.error.type, run.error.message)
  const answer = maskText(run.output ?? '').slice(0, TEMPLATE_CHARS)
  const template = last?.template ?? runError ?? answer
  const features = [
    ...new Set([
      ...actionFeatures(run.steps),
      ...failures.flatMap(({ signature, template: text }) => errorFeatures(signature.tool, text)),
      ...(runError === null ? [] : errorFeatures('run', runError)),
      `answer:=${answerShape(run.output)}`,
      ...wordsOf(answer, ANSWER_WORDS).map((word) => `answer:${word}`),
      ...(run.taskType === null ? [] : [`task:${run.taskType.slice(0, NAME_CHARS)}`]),
    ]),
  ].sort()
  return {
    key: sha256(JSON.stringify([failingStep, features])).slice(0, 32),
    template,
    failingStep,
    spanId: last?.spanId ?? null,
    features,
  }
}

interface StepFailure {
  readonly spanId: string
  readonly signature: FailingStep
  readonly template: string
}

const failureOf = (step: RunStep): readonly StepFailure[] => {
  const reported = step.kind === 'tool' ? errorTextOf(step.output) : null
  if (step.error === null && reported === null) return []
  // What encloses other steps repeats their errors.
  if (step.kind === 'agent' || step.kind === 'workflow') return []
  const type = step.error?.type ?? ''
  const signature = {
    kind: step.kind,
    tool: (step.kind === 'tool' ? step.name : step.kind).slice(0, NAME_CHARS),
    errorType: type.slice(0, NAME_CHARS),
  }
  const template = describeError(type, step.error?.message || reported || '')
  return [{ spanId: step.spanId, signature, template }]
}

/** Whether a tool has succeeded after the step. */
const positionOf = (steps: readonly RunStep[], spanId: string): StepPosition => {
  const place = steps.findLastIndex((step) => step.spanId === spanId)
  return steps.slice(place + 1).some(({ kind }) => kind === 'tool' || kind === 'retrieval')
    ? 'overcome'
    : 'last'
}

const describeError = (type: string, message: string): string => {
  const masked = maskText(message)
  const named = type === '' || masked.startsWith(type.toLowerCase()) ? masked : `${type}: ${masked}`
  return named.slice(0, TEMPLATE_CHARS)
}

/** Which tools were called, and which after which. */
const actionFeatures = (steps: readonly RunStep[]): readonly string[] => {
  const names = steps
    .filter(({ kind }) => kind === 'tool' || kind === 'retrieval')
    .map(({ name }) => name.slice(0, NAME_CHARS))
  return names.flatMap((name, place) => {
    const before = names[place - 1]
    return before === undefined ? [`tool:${name}`] : [`tool:${name}`, `pair:${before} > ${name}`]
  })
}

const errorFeatures = (tool: string, template: string): readonly string[] => [
  `error:=${tool}: ${template}`,
  ...wordsOf(template, ERROR_WORDS).map((word) => `error:${word}`),
]

const wordsOf = (masked: string, most: number): readonly string[] => [
  ...new Set((masked.match(/[\p{L}_]+/gu) ?? []).slice(0, most)),
]
