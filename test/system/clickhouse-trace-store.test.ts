import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type LocalClickHouse,
  startClickHouse,
} from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { secretOf } from '../../pipeline/service-runtime/secrets.ts'
import { migrate, readMigrations } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import { applyRetention } from '../../pipeline/trace-store/retention.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { describeTraceStore } from '../contract/trace-store.contract.ts'
import { eventually } from '../support/log-reading.ts'

const login = { user: 'alice', password: `it's <secret> & "long"` }
const server: LocalClickHouse = await startClickHouse({ login })
afterAll(async () => {
  await server.kill()
  await server.stop()
})

const open = (
  password = login.password,
  url = server.url,
  database = 'contract',
): Promise<TraceStore> => {
  const traceStore = { driver: 'clickhouse', url, user: login.user, database } as const
  return openTraceStore(configuration.parse({ traceStore }), {
    clickhousePassword: secretOf(password),
  })
}

describeTraceStore('a ClickHouse server', () => open())

describe('a ClickHouse server', () => {
  test('refuses a wrong password for good', async () => {
    await expect(open('wrong')).rejects.toMatchObject({ code: 'store-refused' })
  })

  test('lets many instances start at once on an empty database', async () => {
    const fresh = (): Promise<TraceStore> => open(login.password, server.url, 'fresh')
    const stores = await Promise.all(Array.from({ length: 6 }, fresh))
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()))
    })
    const start = async (store: TraceStore) => {
      await migrate(store)
      await applyRetention(store, { telemetryDays: 14, runsDays: 60 })
    }
    await Promise.all(stores.map(start))
    const [store] = stores
    expect(await store?.query('SELECT Name FROM neosigma_migrations FINAL ORDER BY Name')).toEqual(
      readMigrations().map(({ name }) => ({ Name: name })),
    )
    expect(
      await store?.query(
        "SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '%TTL%toIntervalDay(14) SETTINGS%'",
      ),
    ).toEqual([{ n: '4' }])
  })

  test('that knows nothing of the cluster refuses for good', async () => {
    const traceStore = { driver: 'clickhouse', url: server.url, cluster: 'nowhere' } as const
    await expect(
      openTraceStore(configuration.parse({ traceStore: { ...traceStore, user: login.user } }), {
        clickhousePassword: secretOf(login.password),
      }),
    ).rejects.toMatchObject({ code: 'store-refused' })
  })

  test('that is not there is named as away', async () => {
    const [port] = await freePorts(1)
    await expect(open(login.password, `http://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'store-unavailable',
    })
  })

  test('that dies is waited for by the same store, and keeps what it acknowledged', async () => {
    const store = await open()
    onTestFinished(() => store.close())
    await store.command('CREATE TABLE kept (A UInt32) ENGINE = MergeTree ORDER BY A')
    await store.insert(
      'kept',
      Array.from({ length: 1000 }, (_, A) => ({ A })),
    )
    await server.kill()
    await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'store-unavailable' })
    await expect(store.insert('kept', [{ A: 1 }])).rejects.toMatchObject({
      code: 'store-unavailable',
    })
    await server.restart()
    await eventually(
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      20_000,
    )
    expect(await store.query('SELECT count() AS n FROM kept')).toEqual([{ n: '1000' }])
  })
})
