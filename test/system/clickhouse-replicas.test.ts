import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startKeeper } from '../../deploy/local/clickhouse/keeper/start-keeper.ts'
import { startClickHouse } from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { missingTools } from '../../deploy/local/kafka/fetch-jars.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { forTopology } from '../../pipeline/trace-store/for-topology.ts'
import { readMigrations, statementsOf } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'

const NOT_RUN = `*** NOT RUN: rows in replicated tables, and ON CLUSTER itself: the server in chdb listens to no other replica and
has no worker for distributed statements, so that its replicated tables stay read-only. What is run: its reading of every statement that makes
something, and two servers that make the replicated tables together. Left out: changes of columns, and the view that reads such a column.`
process.stderr.write(`${NOT_RUN}\n`)

const missing = await missingTools()
if (missing !== null) process.stderr.write(`*** NOT RUN: two replicas: ${missing}\n`)

const TOPOLOGY = { cluster: 'pair', replicated: true }
const definitions = readMigrations()
  .flatMap(({ sql }) => statementsOf(sql))
  .filter((sql) => sql.startsWith('CREATE') && !sql.includes('neosigma_user_signals_mv'))

const serverConfiguration = (keeperPort: number, replica: string): string => `
<zookeeper><node><host>127.0.0.1</host><port>${keeperPort}</port></node></zookeeper>
<remote_servers><pair><shard><replica><host>127.0.0.1</host><port>1</port></replica></shard></pair></remote_servers>
<macros><shard>1</shard><replica>${replica}</replica></macros>`

interface ReplicaRow {
  readonly table: string
  readonly total: number
}

describe.skipIf(missing !== null)('two servers that share a Keeper', () => {
  const closers = new AsyncDisposableStack()
  const stores: TraceStore[] = []
  beforeAll(async () => {
    const keeper = await startKeeper()
    closers.defer(() => keeper.stop())
    for (const replica of ['one', 'two']) {
      const server = await startClickHouse({
        limits: { configuration: serverConfiguration(keeper.port, replica) },
      })
      closers.defer(() => server.kill().then(() => server.stop()))
      const traceStore = { driver: 'clickhouse', url: server.url } as const
      const store = await openTraceStore(configuration.parse({ traceStore }), NO_SECRETS)
      closers.defer(() => store.close())
      stores.push(store)
    }
  })
  afterAll(() => closers.disposeAsync())

  /** What ON CLUSTER does: the same statement on each server, a table under one UUID. */
  const onBoth = async (sql: string): Promise<void> => {
    const uuid = randomUUID()
    const statement = forTopology(sql, TOPOLOGY)
      .replace(/^(CREATE TABLE(?: IF NOT EXISTS)? \w+) ON CLUSTER `pair`/, `$1 UUID '${uuid}'`)
      .replace(' ON CLUSTER `pair`', '')
    for (const store of stores) await store.command(statement)
  }

  test('take every table and view, each table as replicas of one another, however often it is made', async () => {
    for (const sql of [...definitions, ...definitions]) await onBoth(sql)
    const tables = definitions.filter((sql) => sql.startsWith('CREATE TABLE')).length
    for (const store of stores) {
      const rows = await store.query<ReplicaRow>(
        'SELECT table, total_replicas AS total FROM system.replicas WHERE database = currentDatabase()',
      )
      expect(rows).toHaveLength(tables)
      expect(rows.filter(({ total }) => total !== 2)).toEqual([])
      expect(
        await store.query(
          `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
           AND (engine NOT LIKE 'Replicated%' OR engine_full LIKE '%non_replicated%')`,
        ),
      ).toEqual([])
    }
  })

  test('make a table beside a listing that is replicated by itself', async () => {
    await onBoth('CREATE TABLE neosigma_cycles_beside AS neosigma_cycles')
    await onBoth('EXCHANGE TABLES neosigma_cycles AND neosigma_cycles_beside')
    for (const store of stores)
      expect(
        await store.query(
          "SELECT count() AS n, uniqExact(zookeeper_path) AS paths FROM system.replicas WHERE table LIKE 'neosigma_cycles%'",
        ),
      ).toEqual([{ n: '2', paths: '2' }])
  })

  test.each([...definitions, 'EXCHANGE TABLES a AND b', 'DROP TABLE IF EXISTS a'])(
    'read as a statement for the cluster: %s',
    async (sql) => {
      const [store] = stores
      await expect(store?.command(forTopology(sql, TOPOLOGY))).rejects.toMatchObject({
        code: 'store-refused',
        detail: expect.stringContaining('Replicated DDL queries are disabled'),
      })
    },
  )
})
