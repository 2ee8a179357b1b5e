import type { RunRow } from '../../schemas/tables.ts'
import { storeTime } from '../../schemas/tables.ts'

/** A row of neosigma_runs; override what matters. */
export const aRunRow = (
  number: number,
  overrides: Partial<RunRow> & { readonly startedMs?: number } = {},
): RunRow => {
  const { startedMs = Date.parse('2026-03-01T10:00:00.123Z'), ...rest } = overrides
  return {
    TraceId: number.toString(16).padStart(32, '0'),
    Revision: 'r1',
    AssembledThrough: storeTime(startedMs),
    Agent: 'support',
    AgentVersion: null,
    PromptName: null,
    PromptVersion: null,
    TaskType: 'refund',
    SessionId: null,
    UserId: null,
    Dialect: 'gen-ai',
    Model: 'gpt-4o-mini',
    StartedAt: storeTime(startedMs),
    EndedAt: storeTime(startedMs + 1500),
    DurationMs: 1500.5,
    Outcome: 'pass',
    Score: 1,
    ModelCalls: 3,
    ToolCalls: 2,
    InputTokens: '9007199254740993',
    OutputTokens: '20',
    CostUsd: null,
    Body: JSON.stringify({ traceId: number.toString(16).padStart(32, '0'), steps: [] }),
    ...rest,
  }
}
