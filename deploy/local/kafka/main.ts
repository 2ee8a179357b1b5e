import { parseArgs } from 'node:util'
import { runServer } from '../run-server.ts'
import { startKafka } from './start-kafka.ts'

const STANDARD_PORT = '9092'

/** Runs one broker until SIGINT or SIGTERM. */
export const start = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: STANDARD_PORT },
      'data-dir': { type: 'string', default: '.neosigma/kafka' },
    },
  })
  await runServer(async () => {
    const server = await startKafka({ dataDir: values['data-dir'], port: Number(values.port) })
    process.stdout.write(`Kafka is ready. Use it with KAFKA_BROKERS=${server.brokers}\n`)
    return server
  })
}

if (import.meta.main) await start(process.argv.slice(2))
