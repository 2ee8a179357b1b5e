import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate, readMigrations } from '../../pipeline/trace-store/migrate.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { ConfigError, InvalidInputError } from '../../schemas/errors.ts'
import { describeBlocks } from './trace-store-blocks.contract.ts'
import { describeRepeats } from './trace-store-repeats.contract.ts'
import { describeRetention } from './trace-store-retention.contract.ts'

const spanRow = (overrides: object = {}): object => ({
  Timestamp: '2026-03-01 10:00:00.123456789',
  TraceId: randomUUID().replaceAll('-', ''),
  SpanId: '00f067aa0ba902b7',
  SpanName: 'chat',
  Duration: '18446744073709551615',
  SpanAttributes: { 'gen_ai.request.model': 'm' },
  'Events.Timestamp': ['2026-03-01 10:00:00.200000000'],
  'Events.Name': ['first token'],
  'Events.Attributes': [{ n: '1' }],
  ...overrides,
})

/** What every trace store promises. The database may hold rows of other runs. */
export const describeTraceStore = (driver: string, open: () => Promise<TraceStore>): void => {
  describe(`trace store on ${driver}`, () => {
    let store: TraceStore
    beforeAll(async () => {
      store = await open()
      await migrate(store)
    })
    afterAll(() => store.close())

    const spansOf = (traceId: string) =>
      store.query<Record<string, unknown>>(
        'SELECT * FROM otel_traces FINAL WHERE TraceId = {traceId: String}',
        { traceId },
      )

    test('a row comes back as it was inserted, nanoseconds and 64-bit integers included', async () => {
      const traceId = randomUUID()
      const row = spanRow({ TraceId: traceId, SpanName: `a 'quote' \\ and\n; 😀 \u0000` })
      await store.insert('otel_traces', [row])
      expect(await spansOf(traceId)).toEqual([expect.objectContaining(row)])
    })

    test('the same token inserts once, another token inserts again', async () => {
      const traceId = randomUUID()
      const insert = (token: string) =>
        store.insert(
          'neosigma_trace_activity',
          [{ TraceId: traceId, At: '2026-03-01 10:00:00' }],
          token,
        )
      const insertSpan = (token: string, SpanId: string) =>
        store.insert('otel_traces', [spanRow({ TraceId: traceId, SpanId })], token)
      await insertSpan(`${traceId}:0-9`, 'a')
      await insertSpan(`${traceId}:0-9`, 'b')
      expect((await spansOf(traceId)).map(({ SpanId }) => SpanId)).toEqual(['a'])
      await insertSpan(`${traceId}:10-19`, 'b')
      expect((await spansOf(traceId)).map(({ SpanId }) => SpanId).sort()).toEqual(['a', 'b'])
      await insert(`${traceId}:activity`)
    })

    test('a token does not stick to the inserts after it', async () => {
      const traceId = randomUUID()
      await store.insert('otel_traces', [spanRow({ TraceId: traceId, SpanId: 'a' })], traceId)
      await store.insert('otel_traces', [spanRow({ TraceId: traceId, SpanId: 'b' })])
      await store.insert('otel_traces', [spanRow({ TraceId: traceId, SpanId: 'c' })])
      expect(await spansOf(traceId)).toHaveLength(3)
    })

    test('a span that is inserted in two different batches counts once', async () => {
      const traceId = randomUUID()
      const row = spanRow({ TraceId: traceId })
      await store.insert('otel_traces', [row], `${traceId}:0-1`)
      await store.insert(
        'otel_traces',
        [row, spanRow({ TraceId: traceId, SpanId: 'z' })],
        `${traceId}:0-2`,
      )
      expect(await spansOf(traceId)).toHaveLength(2)
    })

    test('equal log lines of two positions are two, of one position one', async () => {
      const traceId = randomUUID()
      const line = (SourcePosition: string) => ({
        Timestamp: '2026-03-01 10:00:00.000000001',
        TraceId: traceId,
        Body: 'same',
        SourcePosition,
      })
      await store.insert('otel_logs', [line('otlp_logs:0:1:0'), line('otlp_logs:0:1:1')])
      await store.insert('otel_logs', [line('otlp_logs:0:1:1')])
      const [row] = await store.query(
        'SELECT count() AS n FROM otel_logs FINAL WHERE TraceId = {traceId: String}',
        {
          traceId,
        },
      )
      expect(row).toEqual({ n: '2' })
    })

    test('rows of any day of a century are one insert and stay, however old they are', async () => {
      const traceId = randomUUID()
      const days = Array.from({ length: 300 }, (_, day) => {
        const at = new Date(Date.UTC(1990, 0, 1 + day * 100)).toISOString()
        return spanRow({
          TraceId: traceId,
          SpanId: `s${day}`,
          Timestamp: at.slice(0, 19).replace('T', ' '),
        })
      })
      await store.insert('otel_traces', [
        ...days,
        spanRow({ TraceId: traceId, Timestamp: '1970-01-01 00:00:00' }),
      ])
      expect(await spansOf(traceId)).toHaveLength(301)
    })

    describeBlocks(() => store)
    describeRepeats(() => store)
    describeRetention(() => store)

    test('half a surrogate pair does not refuse the block', async () => {
      const traceId = randomUUID()
      await store.insert('otel_traces', [
        spanRow({ TraceId: traceId, SpanName: '\\ud800 \ud83d', TraceState: '\udc00x' }),
      ])
      expect(await spansOf(traceId)).toMatchObject([
        { SpanName: '\\ud800 \ufffd', TraceState: '\ufffdx' },
      ])
    })

    test('every write is noted as activity of its trace', async () => {
      const traceId = randomUUID()
      await store.insert('otel_traces', [
        spanRow({ TraceId: traceId }),
        spanRow({ TraceId: traceId, SpanId: 'b' }),
      ])
      const rows = await store.query(
        'SELECT TraceId FROM neosigma_trace_activity WHERE TraceId = {traceId: String}',
        {
          traceId,
        },
      )
      expect(rows).toEqual([{ TraceId: traceId }])
    })

    test('parameters of every kind arrive unchanged', async () => {
      const parameters = {
        text: `it's \\ "x"\n\té`,
        big: '18446744073709551615',
        list: ["a'b", 'c\\d'],
        map: { k: "v'" },
        nothing: null,
      }
      const [row] = await store.query(
        `SELECT {text: String} AS text, {big: UInt64} AS big, {list: Array(String)} AS list,
                {map: Map(String, String)} AS map, {nothing: Nullable(String)} AS nothing`,
        parameters,
      )
      expect(row).toEqual(parameters)
    })

    test('queries run side by side', async () => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => store.query('SELECT {n: UInt32} AS n', { n })),
      )
      expect(answers.flat()).toEqual(Array.from({ length: 12 }, (_, n) => ({ n })))
    })

    test('a statement that the engine refuses is the fault of the statement', async () => {
      await expect(store.query('SELECT nothing FROM nowhere')).rejects.toThrow(InvalidInputError)
      await expect(store.command('CREATE')).rejects.toThrow(InvalidInputError)
      await expect(store.insert('otel_traces', [{ Timestamp: 'noon' }])).rejects.toThrow(
        InvalidInputError,
      )
    })

    test('migrations apply once, and instances that start together do not disturb one another', async () => {
      expect(await migrate(store)).toEqual([])
      const twice = [
        {
          name: '0000-a.sql',
          sql: 'CREATE TABLE IF NOT EXISTS migration_probe (A UInt8) ENGINE = Memory;',
        },
      ]
      const all = [...twice, ...readMigrations()]
      await Promise.all([migrate(store, all), migrate(store, all)])
      expect(await migrate(store, all)).toEqual([])
      await store.command('DROP TABLE migration_probe')
      await store.command(
        "ALTER TABLE neosigma_migrations DELETE WHERE Name = '0000-a.sql' SETTINGS mutations_sync = 1",
      )
    })

    test('a database that a newer version migrated is refused', async () => {
      await expect(migrate(store, readMigrations().slice(0, -1))).rejects.toThrow(ConfigError)
      await expect(migrate(store, readMigrations().slice(0, -1))).rejects.toMatchObject({
        code: 'store-newer',
      })
    })

    describe('read-only statements', () => {
      const lines = async (sql: string) =>
        (await text(await store.streamReadOnly(sql))).split('\n').filter(Boolean)

      test('stream all rows as lines of JSON, with unqualified names and large integers whole', async () => {
        const rows = await lines(
          'SELECT number, toUInt64(18446744073709551615) AS big FROM numbers(200000);',
        )
        expect(rows).toHaveLength(200_000)
        expect(JSON.parse(rows.at(-1) ?? '')).toEqual({
          number: '199999',
          big: '18446744073709551615',
        })
        expect(await lines('SELECT count() >= 0 AS ok FROM otel_traces FINAL -- all')).toEqual([
          '{"ok":1}',
        ])
      })

      test.each([
        'SHOW TABLES',
        'DESCRIBE TABLE otel_logs',
        'EXPLAIN SELECT 1',
        'EXISTS TABLE otel_logs',
        'WITH 1 AS x SELECT x',
      ])('%s answers', async (sql) => {
        expect((await lines(sql)).length).toBeGreaterThan(0)
      })

      test('one that is left after the first rows does no harm', async () => {
        for (let round = 0; round < 5; round++) {
          const stream = await store.streamReadOnly('SELECT number FROM system.numbers')
          if (round % 2 === 0) for await (const _chunk of stream) break
          stream.destroy()
        }
        expect(await lines('SELECT 1 AS one')).toEqual(['{"one":1}'])
      })

      test('an error in the middle of the answer ends the stream with an error', async () => {
        const reading = lines('SELECT throwIf(number = 3000000) FROM numbers(4000000)')
        await expect(reading).rejects.toThrow(/query/)
      })

      test('what the engine refuses is the error of the call', async () => {
        await expect(store.streamReadOnly('SELECT nothing FROM nowhere')).rejects.toMatchObject({
          code: 'query-refused',
        })
      })

      test.each([
        'DROP TABLE otel_traces',
        'INSERT INTO otel_logs (Body) VALUES (1)',
        "INSERT INTO FUNCTION file('/tmp/neosigma-out.csv', 'CSV') SELECT 1",
        'ALTER TABLE otel_traces DELETE WHERE 1',
        'WITH 1 AS x INSERT INTO otel_logs (Body) SELECT x',
        'SET readonly = 0',
        'SELECT 1 SETTINGS readonly = 0',
        'SELECT 1; DROP TABLE otel_traces',
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM `file` /* x */ ('/etc/passwd', 'LineAsString')",
        "SELECT file('/etc/passwd')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT $$'$$, file('/etc/passwd'), $$'$$",
        "SELECT * FROM remote('127.0.0.1:1', system.one)",
        'SELECT * FROM default.`/etc/passwd`',
        "SELECT 1 INTO OUTFILE '/tmp/neosigma-out.csv'",
        'SYSTEM SHUTDOWN',
        'KILL QUERY WHERE 1',
        '',
      ])('%s is refused', async (sql) => {
        await expect(store.streamReadOnly(sql)).rejects.toThrow(InvalidInputError)
      })
    })
  })
}
