import { beforeAll, describe, expect, test } from 'vitest'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'

const SETTINGS = 'SETTINGS non_replicated_deduplication_window = 100'

/** A source with a view that fails for the rows named in `repeats_flag`, and one that does not. */
const TABLES = [
  'CREATE TABLE IF NOT EXISTS repeats_flag (A UInt32) ENGINE = MergeTree ORDER BY A',
  `CREATE TABLE IF NOT EXISTS repeats_source (A UInt32) ENGINE = ReplacingMergeTree ORDER BY A ${SETTINGS}`,
  `CREATE TABLE IF NOT EXISTS repeats_whole (A UInt32) ENGINE = MergeTree ORDER BY A ${SETTINGS}`,
  `CREATE TABLE IF NOT EXISTS repeats_failing (A UInt32) ENGINE = MergeTree ORDER BY A ${SETTINGS}`,
  'CREATE MATERIALIZED VIEW IF NOT EXISTS repeats_whole_mv TO repeats_whole AS SELECT A FROM repeats_source',
  `CREATE MATERIALIZED VIEW IF NOT EXISTS repeats_failing_mv TO repeats_failing AS
   SELECT s.A AS A FROM repeats_source AS s LEFT JOIN repeats_flag AS f ON f.A = s.A WHERE throwIf(f.A = s.A AND s.A > 0) = 0`,
]

/** What views hold when inserts fail in the middle and are repeated. */
export const describeRepeats = (store: () => TraceStore): void => {
  describe('repeated inserts and views', () => {
    beforeAll(async () => {
      for (const statement of TABLES) await store().command(statement)
    })

    const countsOf = (a: number): Promise<readonly unknown[]> =>
      store().query(
        `SELECT (SELECT count() FROM repeats_source WHERE A = {a: UInt32}) AS source,
           (SELECT count() FROM repeats_whole WHERE A = {a: UInt32}) AS whole,
           (SELECT count() FROM repeats_failing WHERE A = {a: UInt32}) AS failing`,
        { a },
      )

    test('an insert that failed in one view is completed by its repetition, and nothing is there twice', async () => {
      const a = 1 + Math.floor(Math.random() * 4e9)
      const insert = () => store().insert('repeats_source', [{ A: a }], `repeats ${a}`)
      await store().insert('repeats_flag', [{ A: a }])
      await expect(insert()).rejects.toThrow()
      await store().command(
        `ALTER TABLE repeats_flag DELETE WHERE A = ${a} SETTINGS mutations_sync = 1`,
      )
      await insert()
      await insert()
      expect(await countsOf(a)).toEqual([{ source: '1', whole: '1', failing: '1' }])
    })

    test('a repeated insert of spans leaves one entry in each view behind them', async () => {
      const traceId = crypto.randomUUID()
      const rows = [{ Timestamp: '2026-03-01 10:00:00', TraceId: traceId, SpanId: 'a' }]
      for (let time = 0; time < 3; time++) await store().insert('otel_traces', rows, traceId)
      const entries = await Promise.all(
        ['otel_traces_trace_id_ts', 'neosigma_trace_activity', 'neosigma_trace_index'].map(
          (table) =>
            store().query(`SELECT count() AS n FROM ${table} WHERE TraceId = {traceId: String}`, {
              traceId,
            }),
        ),
      )
      expect(entries.flat()).toEqual([{ n: '1' }, { n: '1' }, { n: '1' }])
    })
  })
}
