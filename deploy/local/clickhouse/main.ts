import { parseArgs } from 'node:util'
import { runServer } from '../run-server.ts'
import { startClickHouse } from './start-clickhouse.ts'

const STANDARD_PORT = '8123'

/** Runs one server until SIGINT or SIGTERM. */
export const start = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: STANDARD_PORT },
      'data-dir': { type: 'string', default: '.neosigma/clickhouse-server' },
    },
  })
  await runServer(async () => {
    const server = await startClickHouse({ dataDir: values['data-dir'], port: Number(values.port) })
    process.stdout.write(`ClickHouse is ready. Use it with CLICKHOUSE_URL=${server.url}\n`)
    return server
  })
}

if (import.meta.main) await start(process.argv.slice(2))
