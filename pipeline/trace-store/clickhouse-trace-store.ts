import { Readable } from 'node:stream'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { Secret } from '../service-runtime/secrets.ts'
import { forTopology, type Topology } from './for-topology.ts'
import { CONNECTION_SETTINGS, columnList, storeOnClient } from './store-on-client.ts'
import type { TraceStore } from './trace-store.ts'
import { translateStoreError } from './translate-store-error.ts'

export interface ClickHouseServer {
  readonly url: string
  readonly user: string
  readonly password: Secret | null
  readonly database: string
  readonly topology: Topology
}

/** ClickHouse over HTTP, a server or the cloud. The database is made if it is missing. */
export const openClickHouseTraceStore = async (server: ClickHouseServer): Promise<TraceStore> => {
  const login = {
    url: server.url,
    username: server.user,
    password: server.password?.reveal() ?? '',
    application: 'neosigma',
    // What fails reaches the caller as an error; the client would print it as well.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: CONNECTION_SETTINGS,
  }
  await createDatabase(login, server)
  const client = createClient({ ...login, database: server.database })
  return storeOnClient({
    writer: client,
    read: (use) => use(client),
    insertNative: async (table, rows, settings) => {
      const answer = await client.exec({
        query: `INSERT INTO ${table} (${columnList(rows)}) SETTINGS ${settings} FORMAT Native`,
        values: Readable.from(rows.chunks, { objectMode: false }),
      })
      for await (const _ of answer.stream);
    },
    streamLines: async ({ sql }) => {
      const answer = await client.query({
        query: sql,
        format: 'JSONEachRow',
        clickhouse_settings: { readonly: '2' },
      })
      return lines(answer.stream())
    },
    topology: server.topology,
    close: () => client.close(),
  })
}

/** Asked first, because many users may use a database but not make one. */
const createDatabase = async (
  login: Parameters<typeof createClient>[0],
  { database, topology }: ClickHouseServer,
): Promise<void> => {
  const client = createClient(login)
  try {
    const answer = await client.query({
      query: 'SELECT count() AS known FROM system.databases WHERE name = {database: String}',
      query_params: { database },
      format: 'JSONEachRow',
    })
    const [row] = await answer.json<{ readonly known: string }>()
    if (row?.known !== '0') return
    const query = `CREATE DATABASE IF NOT EXISTS \`${database}\``
    await client.command({ query: forTopology(query, topology) })
  } catch (error) {
    throw translateStoreError(error, 'connecting to ClickHouse')
  } finally {
    await client.close()
  }
}

async function* lines(
  batches: AsyncIterable<readonly { readonly text: string }[]>,
): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map(({ text }) => `${text}\n`).join('')
}
