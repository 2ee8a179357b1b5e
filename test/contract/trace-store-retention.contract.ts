import { describe, expect, test } from 'vitest'
import { applyRetention } from '../../pipeline/trace-store/retention.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { aRunRow } from '../support/a-run-row.ts'

const STANDARD = { telemetryDays: 30, runsDays: null }
const TELEMETRY = ['otel_traces', 'otel_logs', 'otel_traces_trace_id_ts', 'neosigma_trace_index']

/** How long rows stay. */
export const describeRetention = (store: () => TraceStore): void => {
  describe('retention', () => {
    test('of a new database is the standard one', async () => {
      expect(await applyRetention(store(), STANDARD)).toEqual([])
    })

    test('is changed where it differs, and only there', async () => {
      expect(await applyRetention(store(), { ...STANDARD, telemetryDays: 7 })).toEqual(TELEMETRY)
      expect(await applyRetention(store(), { ...STANDARD, telemetryDays: 7 })).toEqual([])
      expect(await applyRetention(store(), STANDARD)).toEqual(TELEMETRY)
    })

    test('of runs counts from what was last assembled, and can be lifted again', async () => {
      const [old, young] = [crypto.randomUUID(), crypto.randomUUID()]
      const rows = [
        aRunRow(1, { TraceId: old, AssembledThrough: '2020-01-01 00:00:00.000000' }),
        aRunRow(2, { TraceId: young, AssembledThrough: '2099-01-01 00:00:00.000000' }),
      ]
      await store().insert('neosigma_runs', rows)
      expect(await applyRetention(store(), { ...STANDARD, runsDays: 365 })).toHaveLength(4)
      const kept = async () => {
        await store().command('OPTIMIZE TABLE neosigma_runs FINAL')
        return store().query(
          'SELECT TraceId FROM neosigma_runs FINAL WHERE TraceId IN {ids: Array(String)}',
          { ids: [old, young] },
        )
      }
      expect(await kept()).toEqual([{ TraceId: young }])
      expect(await applyRetention(store(), STANDARD)).toHaveLength(4)
      await store().insert('neosigma_runs', rows, 'again')
      expect(await kept()).toHaveLength(2)
    })
  })
}
