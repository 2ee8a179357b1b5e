import { expect } from 'vitest'
import { startRuns } from '../../consumers/runs/main.ts'
import type { Role } from '../../pipeline/service-runtime/role.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { decodeEvent, encodeEvent } from '../../schemas/cloud-event.ts'
import { type Signal, signal } from '../../schemas/signal.ts'
import type { OtelLogRow, OtelTraceRow, RunRow } from '../../schemas/tables.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { openTestContext, type TestContext } from './open-test-context.ts'

/** Run assembly on the embedded engines, with rows put into the tables as the writer does. */
export interface RunsFixture {
  readonly context: TestContext
  start(context?: TestContext): Promise<Role>
  stop(): Promise<void>
  insert(spans: readonly OtelTraceRow[], logs?: readonly OtelLogRow[]): Promise<void>
  signal(...signals: readonly Partial<Signal>[]): Promise<void>
  published(): Promise<readonly AgentRun[]>
  rows(): Promise<readonly RunRow[]>
  /** Waits until as many revisions have been published and everything is assembled; answers them. */
  settled(revisions: number): Promise<readonly AgentRun[]>
  close(): Promise<void>
}

/** Traces with activity that no assembly has seen. */
const OPEN_SQL = `SELECT count() AS open FROM (
  SELECT TraceId, max(At) AS At FROM neosigma_trace_activity GROUP BY TraceId
) AS activity LEFT JOIN (
  SELECT TraceId, max(Through) AS Through FROM neosigma_assemblies GROUP BY TraceId
) AS done USING (TraceId) WHERE At > Through`

export const runsFixture = async (): Promise<RunsFixture> => {
  const context = await openTestContext({
    configuration: { runs: { quietMs: 100, pollMs: 20, passThresholds: { strict: 0.9 } } },
  })
  const roles: Role[] = []
  const published = async (): Promise<readonly AgentRun[]> => {
    const runs: AgentRun[] = []
    for await (const record of context.log.readAll(TOPICS.runs.name))
      runs.push(decodeEvent(TOPICS.runs, record))
    return runs
  }
  const stop = async (): Promise<void> => {
    await Promise.all(roles.splice(0).map((role) => role.stop()))
  }
  return {
    context,
    start: async (other = context) => {
      const role = await startRuns(other)
      roles.push(role)
      return role
    },
    stop,
    insert: async (spans, logs = []) => {
      await context.store.insert('otel_traces', spans)
      await context.store.insert('otel_logs', logs)
    },
    signal: (...signals) =>
      context.log.append(
        signals.map((given, place) => {
          const full = signal.parse({
            id: `signal ${place}`,
            name: 'user_feedback',
            type: 'explicit',
            at: '2026-11-01T12:00:00Z',
            ...given,
          })
          const key = full.traceId ?? full.sessionId ?? full.id
          return encodeEvent(TOPICS.signals, full, {
            id: full.id,
            source: '/test',
            time: full.at,
            key,
          })
        }),
      ),
    published,
    rows: () => context.store.query<RunRow>('SELECT * FROM neosigma_runs FINAL ORDER BY TraceId'),
    settled: async (revisions) => {
      await expect
        .poll(
          async () => {
            const [row] = await context.store.query<{ readonly open: string }>(OPEN_SQL)
            return [(await published()).length >= revisions, row?.open]
          },
          { timeout: 20_000, interval: 50 },
        )
        .toEqual([true, '0'])
      return published()
    },
    close: async () => {
      await stop()
      await context.close()
    },
  }
}
