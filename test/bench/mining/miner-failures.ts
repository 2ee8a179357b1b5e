import type { AgentRun, RunStep } from '../../../schemas/agent-run.ts'

export interface MadeFailure {
  /** What kind of failure it is: kinds have nothing in common. */
  readonly kind: number
  /** Makes the trace id: each number is another run. */
  readonly number: number
  readonly atMs: number
  readonly users?: number
}

/** A failed run of a kind, with its particulars: a tool that fails in words of its own after another tool. */
export const madeFailure = ({ kind, number, atMs, users = 100_000 }: MadeFailure): AgentRun => {
  const word = wordOf(kind)
  const time = new Date(atMs).toISOString()
  return {
    traceId: number.toString(16).padStart(32, '0'),
    revision: `revision-${number}`,
    agent: 'desk',
    agentVersion: null,
    promptName: null,
    promptVersion: null,
    taskType: `type-${kind % 8}`,
    sessionId: `session-${number}`,
    userId: `user-${number % users}`,
    dialect: null,
    model: 'model-1',
    startedAt: time,
    endedAt: time,
    durationMs: 0,
    outcome: 'fail',
    score: (kind % 10) / 25,
    scores: [],
    modelCalls: 1,
    toolCalls: 2,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    input: `Please look after ${number}`,
    output: `I could not ${word} the ${word}s of order ${number}.`,
    error: null,
    truncated: false,
    steps: [
      step(`look_${word}`, time, '{"status":"open"}', null),
      step(`tool_${word}`, time, null, {
        type: `${word}Error`,
        message: `${word} ${number} refuses ${word}ing while ${wordOf(kind + 7)} is away`,
      }),
    ],
  }
}

const step = (
  name: string,
  startedAt: string,
  output: string | null,
  error: RunStep['error'],
): RunStep => ({
  spanId: 'a'.repeat(16),
  parentSpanId: null,
  kind: 'tool',
  name,
  agent: null,
  model: null,
  input: '{}',
  output,
  error,
  startedAt,
  durationMs: 1,
  inputTokens: null,
  outputTokens: null,
})

const SYLLABLES = ['ba', 'de', 'fi', 'go', 'lu', 'ma', 'ne', 'pi', 'ro', 'su']

/** A word for a number, without digits, which would be masked. */
const wordOf = (number: number): string =>
  String(number)
    .padStart(5, '0')
    .replace(/\d/g, (digit) => SYLLABLES[Number(digit)] ?? '')
