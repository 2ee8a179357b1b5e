import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { TauBenchRow } from '../../../deploy/import/tau-bench-row.ts'
import { tauBenchTelemetry } from '../../../deploy/import/tau-bench-telemetry.ts'
import type { RootCauseType } from '../../../schemas/cluster.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'

/** What people found to be the root cause of a failed run. */
export interface RootCauseLabel {
  readonly trajectory: number
  readonly category: string
  /** Number of the message, from 1. */
  readonly step: number
}

interface TypeOfCategory {
  readonly type: RootCauseType
  /** What could be defended as well. */
  readonly orElse: RootCauseType | null
  readonly reason: string
}

/**
 * Our type of a category, by what would have to change so that it does not happen again. The categories say what went wrong,
 * the types who can cure it: nobody has labelled the types, this table is our reading.
 */
export const TYPE_OF_CATEGORY: Readonly<Record<string, TypeOfCategory>> = {
  instructionadherencefailure: {
    type: 'model',
    orElse: 'prompt',
    reason: 'what was to be done is written down and was not done',
  },
  inventionofnewinformation: {
    type: 'model',
    orElse: 'prompt',
    reason: 'nothing told the agent to make it up',
  },
  invalidinvocation: {
    type: 'scaffold',
    orElse: 'model',
    reason: 'the tool was called in a form that it does not take: its description or schema',
  },
  misinterpretationoftooloutput: {
    type: 'scaffold',
    orElse: 'model',
    reason: 'the result was there and was read wrongly: its form, and how it enters the context',
  },
  intentplanmisalignment: {
    type: 'prompt',
    orElse: 'model',
    reason:
      'the plan does not serve the request: the instructions do not say how one follows from the other',
  },
  underspecifieduserintent: {
    type: 'harness',
    orElse: 'prompt',
    reason: 'the simulated user, a part of the test, left out what the reference needs',
  },
  intentnotsupported: {
    type: 'scaffold',
    orElse: 'harness',
    reason: 'no tool does what was asked for',
  },
  guardrailstriggered: {
    type: 'environment',
    orElse: 'scaffold',
    reason: 'something outside the agent refused',
  },
  systemfailure: {
    type: 'environment',
    orElse: 'scaffold',
    reason: 'a service or the connection to it failed',
  },
}

const groundTruth = z.array(
  z.looseObject({
    trajectory_id: z.number().int(),
    failures: z.array(
      z.looseObject({
        failure_id: z.union([z.number(), z.string()]),
        step_number: z.number().int().min(1),
        failure_category: z.string(),
      }),
    ),
    root_cause: z.looseObject({ failure_id: z.union([z.number(), z.string()]) }),
  }),
)

/**
 * The root causes of AgentRx's `ground_truth.json`, one a run; spellings of a category are made equal.
 * @throws InvalidInputError where the root cause is not among the failures, or the category is not in the table
 */
export const readRootCauses = (path: string): readonly RootCauseLabel[] =>
  groundTruth.parse(JSON.parse(readFileSync(path, 'utf8'))).map((entry) => {
    const { trajectory_id: trajectory, failures, root_cause } = entry
    const found = failures.find(({ failure_id: id }) => `${id}` === `${root_cause.failure_id}`)
    const category = categoryOf(found?.failure_category ?? '')
    if (found === undefined || TYPE_OF_CATEGORY[category] === undefined)
      throw new InvalidInputError(
        'file-unreadable',
        `${path}: run ${trajectory} has no root cause of a known category.`,
      )
    return { trajectory, category, step: found.step_number }
  })

/** "Instruction/Plan Adherence Failure" is written in two ways; of all others only the letters count. */
const categoryOf = (spelling: string): string =>
  spelling
    .toLowerCase()
    .replace(/[^a-z]/g, '')
    .replace('instructionplan', 'instruction')

/**
 * The spans of message number `step` of a run as it is imported: the model call that wrote it and the tool calls that it
 * asks for; of a message that was read, the call that read it; of a result, the tool call that gave it.
 */
export const spansOfStep = (row: TauBenchRow, step: number): ReadonlySet<string> => {
  const { traj } = row
  const { traces } = tauBenchTelemetry(row, {
    agent: 'any',
    taskType: null,
    endMs: traj.length * SECOND_MS,
  })
  const steps = traces.resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .filter(({ parentSpanId }) => parentSpanId !== '')
    .map(({ spanId, name, startTimeUnixNano }) => ({
      spanId,
      isTool: name.startsWith('execute_tool'),
      message: Number(startTimeUnixNano / SECOND_NS),
    }))
  const place = step - 1
  const role = traj[place]?.role
  const reader = traj.findIndex((message, at) => at > place && message.role === 'assistant')
  const calls = role === 'assistant' ? (traj[place]?.tool_calls?.length ?? 0) : 0
  const isOf = ({ isTool, message }: (typeof steps)[number]): boolean => {
    if (role === 'assistant')
      return isTool ? message > place && message <= place + calls : message === place
    return role === 'tool' ? isTool && message === place : !isTool && message === reader
  }
  return new Set(steps.filter(isOf).map(({ spanId }) => spanId))
}

const SECOND_MS = 1000
const SECOND_NS = 1_000_000_000n
