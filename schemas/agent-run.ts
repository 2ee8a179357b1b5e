import { z } from 'zod'
import { count, isoTime, traceId, unitScore } from './scalars.ts'
import { SIGNAL_TYPES } from './signal.ts'

export const STEP_KINDS = [
  'agent',
  'llm',
  'tool',
  'retrieval',
  'embedding',
  'guardrail',
  'evaluator',
  'workflow',
  'generic',
] as const
export type StepKind = (typeof STEP_KINDS)[number]

/** One action of a run, in order of start. Content is text or JSON text, capped; `spanId` leads to the raw span. */
export const runStep = z.object({
  spanId: z.string(),
  parentSpanId: z.string().nullable(),
  kind: z.enum(STEP_KINDS),
  name: z.string(),
  agent: z.string().nullable(),
  model: z.string().nullable(),
  input: z.string().nullable(),
  output: z.string().nullable(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
  startedAt: isoTime,
  durationMs: z.number().min(0),
  inputTokens: count.nullable(),
  outputTokens: count.nullable(),
})
export type RunStep = z.infer<typeof runStep>

/** What is to be known about a score: why it has no value or no weight, or that its scale is a guess. */
export const SCORE_NOTES = ['undeclared', 'out-of-range', 'unreadable', 'over-user-limit'] as const
export type ScoreNote = (typeof SCORE_NOTES)[number]

/** One judgement of a run. `value` is null where the raw score could not be read as [0, 1]; it then decides nothing. */
export const runScore = z.object({
  name: z.string(),
  source: z.string(),
  type: z.enum(SIGNAL_TYPES),
  value: unitScore.nullable(),
  weight: z.number().min(0),
  version: z.string().nullable(),
  explanation: z.string().nullable(),
  given: unitScore
    .optional()
    .meta({ description: 'What the scorer said, where `value` is calibrated' }),
  note: z.enum(SCORE_NOTES).optional().meta({ description: 'What is wrong with it' }),
})
export type RunScore = z.infer<typeof runScore>

/** One execution of an agent, which is one trace as a rule, normalised from any dialect, scored and labelled. */
export const agentRun = z.object({
  traceId: traceId.meta({
    description:
      "Key of the run: its trace's id; for a further root agent of a trace 32 hex digits made of the trace's and the span's",
  }),
  partOf: traceId
    .optional()
    .meta({ description: 'The trace that holds the run, where `traceId` is not its id' }),
  revision: z.string().meta({
    description: 'Hash of the content: the same data assembled again has the same revision',
  }),
  agent: z.string(),
  agentVersion: z.string().nullable(),
  promptName: z.string().nullable(),
  promptVersion: z.string().nullable(),
  taskType: z.string().nullable(),
  sessionId: z.string().nullable(),
  userId: z.string().nullable(),
  dialect: z.string().nullable(),
  model: z.string().nullable(),
  startedAt: isoTime,
  endedAt: isoTime,
  durationMs: z.number().min(0),
  outcome: z.enum(['pass', 'fail']),
  score: unitScore,
  scores: z.array(runScore),
  modelCalls: count,
  toolCalls: count,
  inputTokens: count.nullable(),
  outputTokens: count.nullable(),
  costUsd: z.number().min(0).nullable(),
  input: z.string().nullable().meta({
    description:
      "The run's task: the root's input, or what the user said last before the first answer",
  }),
  output: z.string().nullable(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
  steps: z.array(runStep),
  truncated: z.boolean().meta({ description: 'True where content was cut to the documented caps' }),
})
export type AgentRun = z.infer<typeof agentRun>
