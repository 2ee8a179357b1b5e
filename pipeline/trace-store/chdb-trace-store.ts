import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  createClient,
  parseError,
} from '@clickhouse/client'
import { type ChdbConnection, createChdbConnection } from 'chdb/connection'
import { ConfigError } from '../../schemas/errors.ts'
import { ONE_SERVER } from './for-topology.ts'
import type { ReadOnlyStatement } from './read-only-statement.ts'
import { CONNECTION_SETTINGS, columnList, storeOnClient } from './store-on-client.ts'
import type { TraceStore } from './trace-store.ts'
import { clearedFolder, withFile } from './with-file.ts'

/** A connection serves one query at a time; with this many a long query does not hold up the short ones. */
const READERS = 3

/** The same name as the server's default, so that statements with the database's name run on both. */
const DATABASE = 'otel'

/** Where blocks lie on their way into the engine. */
const INSERTS = 'clickhouse-inserts'

/**
 * ClickHouse's engine in this process, with its data under `<dataDir>/clickhouse`. One folder per process: a second
 * folder is refused while the first is open, another process is refused the folder.
 */
export const openChdbTraceStore = async (dataDir: string): Promise<TraceStore> => {
  const path = join(dataDir, 'clickhouse')
  const writer = await openWriter(path)
  const inserts = clearedFolder(resolve(dataDir, INSERTS))
  const readers = await Promise.all(
    Array.from({ length: READERS }, () => openConnection(path, CONNECTION_SETTINGS)),
  )
  const clients = readers.map(({ client }) => ({ client, busy: 0 }))
  return storeOnClient({
    writer: writer.client,
    read: async (use) => {
      const chosen = clients.reduce((least, other) => (other.busy < least.busy ? other : least))
      chosen.busy += 1
      try {
        return await use(chosen.client)
      } finally {
        chosen.busy -= 1
      }
    },
    insertNative: (table, rows, settings) =>
      withFile(inserts, rows, (file) =>
        writer.client.command({
          query: `INSERT INTO ${table} (${columnList(rows)}) SETTINGS ${settings}
            SELECT ${columnList(rows)} FROM file('${file.replace(/['\\]/g, '\\$&')}', Native)`,
        }),
      ),
    streamLines: (statement) => streamLines(path, statement),
    topology: ONE_SERVER,
    close: async () => {
      await Promise.all([writer, ...readers].map(({ client }) => client.close()))
    },
  })
}

type ClientConnection = NonNullable<ClickHouseClientConfigOptions['connection']>

interface OpenConnection {
  readonly client: ClickHouseClient
  readonly connection: ChdbConnection
}

const openWriter = async (path: string): Promise<OpenConnection> => {
  try {
    mkdirSync(path, { recursive: true })
    return await openConnection(path, CONNECTION_SETTINGS)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError('data-folder-unusable', `${path}: ${message}`, { cause })
  }
}

const openConnection = async (
  path: string,
  settings: Readonly<Record<string, string | number>>,
): Promise<OpenConnection> => {
  const connection = createChdbConnection({ path })
  // The client bundles its own copy of the connection's type, equal but for private members.
  const client = createClient({ connection: connection as unknown as ClientConnection })
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` })
  await client.command({ query: `USE ${DATABASE}` })
  const assignments = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`)
  await client.command({ query: `SET ${assignments.join(', ')}` })
  return { client, connection }
}

/** A connection of its own: it streams one statement at a time, and read-only mode cannot be left again. */
const streamLines = async (
  path: string,
  statement: ReadOnlyStatement,
): Promise<AsyncIterable<Uint8Array>> =>
  chunksOf(await openConnection(path, { ...CONNECTION_SETTINGS, readonly: 2 }), statement)

async function* chunksOf(
  { client, connection }: OpenConnection,
  { sql, selects }: ReadOnlyStatement,
): AsyncGenerator<Uint8Array> {
  const { chdb } = connection
  const format = 'JSONEachRow'
  try {
    // The engine streams SELECT alone.
    if (!selects) yield (await chdb.queryAsync(sql, { format })).bytes()
    else for await (const chunk of chdb.queryStream(sql, { format })) yield chunk.raw()
  } catch (error) {
    throw parseError(error instanceof Error ? error.message : String(error))
  } finally {
    await client.close()
  }
}
