import type { AgentRun, RunStep } from '../../schemas/agent-run.ts'
import { sha256 } from '../../schemas/canonical-json.ts'

export interface ToolCall {
  readonly tool: string
  readonly output?: string
  readonly error?: { readonly type: string; readonly message: string }
}

/** A valid failed run of an agent that calls tools, with overrides. `number` decides its trace id and its particulars. */
export const failureRun = (
  number: number,
  calls: readonly ToolCall[],
  overrides: Partial<AgentRun> = {},
): AgentRun => {
  const startedAt = overrides.startedAt ?? '2026-11-01T10:00:00.000Z'
  const content = {
    agent: 'desk',
    agentVersion: null,
    promptName: null,
    promptVersion: null,
    taskType: 'refund',
    sessionId: null,
    userId: null,
    dialect: null,
    model: 'model-1',
    startedAt,
    endedAt: startedAt,
    durationMs: 0,
    outcome: 'fail' as const,
    score: 0,
    scores: [],
    modelCalls: 1,
    toolCalls: calls.length,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    input: `Please refund order ${1000 + number}`,
    output: `I am sorry, order ${1000 + number} is lost.`,
    error: null,
    steps: calls.map((call, place) => toolStep(number, place, call, startedAt)),
    truncated: false,
    ...overrides,
  }
  return {
    traceId: sha256(`run ${number}`).slice(0, 32),
    revision: sha256(JSON.stringify(content)),
    ...content,
  }
}

const toolStep = (
  number: number,
  place: number,
  { tool, output, error }: ToolCall,
  startedAt: string,
): RunStep => ({
  spanId: sha256(`step ${number} ${place}`).slice(0, 16),
  parentSpanId: null,
  kind: 'tool',
  name: tool,
  agent: null,
  model: null,
  input: '{}',
  output: output ?? null,
  error: error ?? null,
  startedAt,
  durationMs: 1,
  inputTokens: null,
  outputTokens: null,
})

/** Three kinds of failure, each with particulars that differ from run to run. */
export const FAILURE_KINDS: Readonly<Record<string, (number: number) => AgentRun>> = {
  conflict: (number) =>
    failureRun(number, [
      {
        tool: 'refund_order',
        error: { type: 'Conflict', message: `order A${number} was not looked up` },
      },
    ]),
  loop: (number) =>
    failureRun(
      number,
      [
        { tool: 'lookup_order', output: '{"status":"open"}' },
        { tool: 'lookup_order', output: '{"status":"open"}' },
      ],
      { output: `I cannot find order B${number} anywhere.` },
    ),
  address: (number) =>
    failureRun(
      number,
      [{ tool: 'update_address', output: `Error: postcode of C${number} missing` }],
      {
        taskType: 'address',
        output: `The address of C${number} stays as it is.`,
      },
    ),
}
