import {
  assembleRun,
  openRuns,
  type RunRules,
  type StoredTrace,
} from '../../consumers/runs/assemble-run.ts'
import { type AgentRun, agentRun } from '../../schemas/agent-run.ts'
import type { OtelLogRow, OtelTraceRow, SignalRow } from '../../schemas/tables.ts'
import { aSpan, type SpanOptions } from './a-trace.ts'

export const RULES: RunRules = { passThreshold: 0.5, passThresholds: { strict: 0.9 } }
const LATEST_MS = Date.parse('2026-11-03')

export const stored = (
  spans: readonly OtelTraceRow[],
  logs: readonly OtelLogRow[] = [],
): StoredTrace => ({
  traceId: spans[0]?.TraceId ?? '0'.repeat(32),
  spans,
  logs,
  truncated: false,
  latestMs: LATEST_MS,
})

/** The runs of a trace, each with the signals given. */
export const assembleAll = (
  spans: readonly OtelTraceRow[],
  logs: readonly OtelLogRow[] = [],
  signals: readonly SignalRow[] = [],
): readonly AgentRun[] => {
  const open = openRuns(stored(spans, logs))
  if (typeof open === 'string') throw new Error(`no run: ${open}`)
  return open.map((run) => agentRun.parse(assembleRun(run, signals, RULES)))
}

/** The run of a trace that holds one. */
export const assemble = (...rows: Parameters<typeof assembleAll>): AgentRun => {
  const [run] = assembleAll(...rows)
  if (run === undefined) throw new Error('no run')
  return run
}

export const agent = (options: Partial<SpanOptions> = {}): OtelTraceRow =>
  aSpan({
    id: 'agent',
    name: 'invoke_agent desk',
    seconds: 60,
    ...options,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'desk',
      ...options.attributes,
    },
  })
export const chat = (id: string, options: Partial<SpanOptions> = {}): OtelTraceRow =>
  aSpan({
    id,
    parent: 'agent',
    name: 'chat gpt-x',
    ...options,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-x',
      ...options.attributes,
    },
  })
export const tool = (id: string, options: Partial<SpanOptions> = {}): OtelTraceRow =>
  aSpan({
    id,
    parent: 'agent',
    ...options,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'lookup',
      ...options.attributes,
    },
  })
export const plain = (id: string, options: Partial<SpanOptions> = {}): OtelTraceRow =>
  aSpan({ id, ...options, attributes: { 'http.request.method': 'POST', ...options.attributes } })
