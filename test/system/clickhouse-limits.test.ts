import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type LocalClickHouse,
  type ServerLimits,
  startClickHouse,
} from '../../deploy/local/clickhouse/start-clickhouse.ts'
import type { Login } from '../../deploy/local/clickhouse/users-configuration.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { secretOf } from '../../pipeline/service-runtime/secrets.ts'
import { migrate, readMigrations } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import { applyRetention } from '../../pipeline/trace-store/retention.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { startWriter } from '../../pipeline/writer/main.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { aRequestOf } from '../bench/pipeline/gen-ai-spans.ts'
import { fillDisk, mountSmallDisk } from '../delivery/small-disk.ts'
import { eventually } from '../support/log-reading.ts'
import { openTestContext, type TestContext } from '../support/open-test-context.ts'
import { counterOf } from '../support/scrape.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PASSWORD = 'of all of them'
const login = (user: string, more: Partial<Login> = {}): Login => ({
  ...{ user, password: PASSWORD },
  ...more,
})

/** What the README names as enough. */
const ENOUGH = [
  'SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW ON lean.*',
  'TABLE ENGINE ON *',
]
const LIMITED: ServerLimits = {
  users: [
    login('all'),
    login('enough', { grants: ENOUGH }),
    login('reader', { grants: ['SELECT ON *.*'] }),
    login('no_spans', { grants: ['SELECT ON *.*', 'INSERT ON otel.otel_logs'] }),
    login('still', { settings: { readonly: 1 } }),
    login('looking', { settings: { readonly: 2 } }),
  ],
}
const WRITER: Login = { user: 'writer', password: '' }
const [TRACES, SPANS_PER_TRACE] = [100, 10]

const open = (url: string, user: string, database = 'otel'): Promise<TraceStore> =>
  openTraceStore(
    configuration.parse({ traceStore: { driver: 'clickhouse', url, user, database } }),
    { clickhousePassword: secretOf(PASSWORD) },
  )

describe('a user who may not do everything', () => {
  let server: LocalClickHouse
  beforeAll(async () => {
    server = await startClickHouse({ limits: LIMITED })
    const store = await open(server.url, 'all')
    await migrate(store)
    await store.command('CREATE DATABASE lean')
    await store.close()
  })
  afterAll(() => server.stop())

  const opened = async (user: string, database?: string): Promise<TraceStore> => {
    const store = await open(server.url, user, database)
    onTestFinished(() => store.close())
    return store
  }
  const span = { Timestamp: '2026-03-01 10:00:00', TraceId: 'a', SpanId: 'b' }

  test('may need no more than the grants that the README names', async () => {
    const store = await opened('enough', 'lean')
    expect(await migrate(store)).toEqual(readMigrations().map(({ name }) => name))
    expect(await applyRetention(store, { telemetryDays: 7, runsDays: 9 })).not.toEqual([])
    await store.insert('otel_traces', [span], 'token')
    await store.command('CREATE TABLE neosigma_cycles_beside AS neosigma_cycles')
    await store.command('EXCHANGE TABLES neosigma_cycles AND neosigma_cycles_beside')
    await store.command('DROP TABLE IF EXISTS neosigma_cycles_beside')
    expect(await store.query('SELECT count() AS n FROM otel_traces FINAL')).toEqual([{ n: '1' }])
  })

  test.each([
    ['reader', 'grant INSERT', (store: TraceStore) => store.insert('otel_traces', [span])],
    ['no_spans', 'grant INSERT', (store: TraceStore) => store.insert('otel_traces', [span])],
    ['reader', 'grant CREATE TABLE', (store: TraceStore) => migrate(store, [])],
    [
      'reader',
      'grant ALTER',
      (store: TraceStore) => applyRetention(store, { telemetryDays: 1, runsDays: 1 }),
    ],
  ])('%s is told which one is missing: %s', async (user, grant, act) => {
    const store = await opened(user)
    await expect(act(store)).rejects.toMatchObject({
      code: 'store-refused',
      detail: expect.stringContaining(grant),
    })
  })

  test('is refused for good where it may only read', async () => {
    await expect(open(server.url, 'still')).rejects.toMatchObject({ code: 'store-refused' })
    const store = await opened('looking')
    await expect(migrate(store)).rejects.toMatchObject({
      code: 'store-refused',
      detail: expect.stringContaining('readonly'),
    })
  })
})

describe('a server that has too little of something', () => {
  const { folder, remove } = temporaryFolder()
  const disk = mountSmallDisk(folder, (text) => void process.stderr.write(`${text}\n`))
  let server: LocalClickHouse
  let context: TestContext
  beforeAll(async () => {
    server = await startClickHouse({ dataDir: folder, limits: { users: [WRITER] } })
    context = await openTestContext({
      configuration: {
        traceStore: { driver: 'clickhouse', url: server.url, user: WRITER.user },
      },
    })
  })
  afterAll(async () => {
    await context.close()
    await server.kill()
    await server.stop()
    disk.unmount()
    remove()
  })

  const send = (first: number): Promise<void> =>
    context.log
      .append(
        Array.from({ length: TRACES }, (_, i) => ({
          topic: TOPICS.spans.name,
          key: `trace ${first + i}`,
          value: Buffer.from(aRequestOf(first + i, 1, 600)),
          headers: {},
        })),
      )
      .then(() => undefined)
  const stored = async (): Promise<number> => {
    const [row] = await context.store.query<{ readonly n: string }>(
      'SELECT count() AS n FROM otel_traces',
    )
    return Number(row?.n)
  }
  const traces = async (): Promise<number> => {
    const [row] = await context.store.query<{ readonly n: string }>(
      'SELECT uniqExact(TraceId) AS n FROM neosigma_trace_activity',
    )
    return Number(row?.n)
  }
  const retries = (): Promise<number> =>
    counterOf(context.metrics, 'neosigma.consumer.retries', { code: 'store-unavailable' })

  /** Sends while there is too little, sees the writer wait, gives back what is missing: everything is there once. */
  const survives = async (
    first: number,
    take: () => Promise<unknown>,
    give: () => Promise<unknown>,
  ): Promise<void> => {
    await take()
    const before = await retries()
    const writer = await startWriter(context)
    onTestFinished(() => writer.stop())
    await send(first)
    await eventually(async () => (await retries()) > before, 30_000)
    await give()
    const sent = (first + TRACES) * SPANS_PER_TRACE
    await eventually(async () => (await stored().catch(() => 0)) >= sent, 60_000)
    expect(await stored()).toBe(sent)
    expect(await traces()).toBe(first + TRACES)
  }
  const limitedTo = (limits: Partial<Login>) => () =>
    server.restart({ users: [{ ...WRITER, ...limits }] })

  test('memory: the writer waits, and everything is stored once when there is enough', () =>
    survives(0, limitedTo({ settings: { max_memory_usage: 3_000_000 } }), limitedTo({})))

  test('quota: the writer waits, and everything is stored once when there is a larger one', () =>
    survives(TRACES, limitedTo({ quota: { duration: 3600, written_bytes: 1 } }), limitedTo({})))

  test.skipIf(!disk.isMounted)(
    'disk: the writer waits, and everything is stored once when there is room',
    async () => {
      let release = (): void => undefined
      await survives(
        2 * TRACES,
        async () => {
          release = fillDisk(folder)
        },
        async () => release(),
      )
    },
  )
})
