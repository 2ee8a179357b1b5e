import type { RunResponse } from '../../schemas/run-protocol.ts'

/** What a run cost, as guardrails name it; beside it the agent's own scores under their names. */
export const runMetrics = (
  { usage, toolCalls, scores }: RunResponse,
  measured: { readonly latencyMs: number; readonly attempts: number },
): Readonly<Record<string, number>> => ({
  ...scores,
  ...measured,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  llmCalls: usage.llmCalls,
  ...(usage.costUsd === undefined ? {} : { costUsd: usage.costUsd }),
  ...(toolCalls === undefined ? {} : { toolCalls: toolCalls.length }),
})
