import type { AgentRun } from '../../schemas/agent-run.ts'
import { type RunRow, storeTime } from '../../schemas/tables.ts'

/** A run as a row. `assembledThrough` is the newest activity of its trace that it has seen: the row's version. */
export const runRow = (run: AgentRun, assembledThrough: string): RunRow => ({
  TraceId: run.traceId,
  Revision: run.revision,
  AssembledThrough: assembledThrough,
  Agent: run.agent,
  AgentVersion: run.agentVersion,
  PromptName: run.promptName,
  PromptVersion: run.promptVersion,
  TaskType: run.taskType,
  SessionId: run.sessionId,
  UserId: run.userId,
  Dialect: run.dialect,
  Model: run.model,
  StartedAt: storeTime(Date.parse(run.startedAt)),
  EndedAt: storeTime(Date.parse(run.endedAt)),
  DurationMs: run.durationMs,
  Outcome: run.outcome,
  Score: run.score,
  ModelCalls: run.modelCalls,
  ToolCalls: run.toolCalls,
  InputTokens: run.inputTokens === null ? null : String(run.inputTokens),
  OutputTokens: run.outputTokens === null ? null : String(run.outputTokens),
  CostUsd: run.costUsd,
  Body: JSON.stringify(run),
})
