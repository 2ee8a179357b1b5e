import { RUN_PROTOCOL, type RunRequest, type RunResponse } from '../../../schemas/run-protocol.ts'
import { AFTER, versionOf } from './agent.ts'
import type { Example } from './example.ts'

const request: RunRequest = {
  protocol: RUN_PROTOCOL,
  runId: 'cycle-7/refund-1/0',
  attempt: 1,
  seed: 2_654_435_769,
  task: { id: 'refund-1', input: 'Please refund my order.' },
  candidate: versionOf(AFTER),
  limits: { timeoutMs: 60_000, maxSteps: 12 },
  llm: { baseUrl: 'http://127.0.0.1:4330/v1', apiKeyEnv: 'OPENAI_API_KEY' },
  trace: 'none',
}

const usage = { inputTokens: 350, outputTokens: 40, llmCalls: 1 }
const RESPONSES: Readonly<Record<RunResponse['status'], RunResponse>> = {
  ok: {
    status: 'ok',
    output: 'What is your order number?',
    usage,
    toolCalls: [{ name: 'lookup_order', arguments: { orderId: '1042' } }],
  },
  agent_error: {
    status: 'agent_error',
    usage,
    error: { kind: 'agent', message: 'the answer is no JSON' },
  },
  timeout: { status: 'timeout', usage, error: { kind: 'timeout', message: 'no answer in 60 s' } },
  infra_error: {
    status: 'infra_error',
    usage: { inputTokens: 0, outputTokens: 0, llmCalls: 0 },
    error: { kind: 'model', message: 'the model endpoint refuses connections' },
  },
}

export const runProtocolExamples: readonly Example[] = [
  { name: 'run-request', contract: 'run-request', value: request },
  ...Object.entries(RESPONSES).map(
    ([status, value]): Example => ({
      name: `run-response-${status.replace('_', '-')}`,
      contract: 'run-response',
      value,
    }),
  ),
]
