import { parseArgs } from 'node:util'
import { givenCollector, loadConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { ConfigError } from '../../schemas/errors.ts'
import { whenOrphaned } from '../cli/run-until-stopped.ts'
import { COLLECTOR_MISSING, collectorBinary } from '../collector/build-collector.ts'
import { freePorts } from './free-ports.ts'
import { runMain } from './run-main.ts'
import { type LocalGateway, type LocalSystem, startLocal } from './start-local.ts'
import { untilSignal } from './until-signal.ts'

const STANDARD = { grpc: 4317, http: 4318, api: 4320, kafka: 9092, clickhouse: 8123 } as const
const GATEWAY = { grpcPort: 4327, httpPort: 4328 } as const

/**
 * `npm run local [-- --data-dir DIR --collector --free-ports]`: Kafka, ClickHouse and every role as processes of their
 * own, until SIGINT or SIGTERM, or until one of them ends by itself. Answers the exit status.
 */
export const start = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'data-dir': { type: 'string', default: '.neosigma/local' },
      collector: { type: 'boolean', default: false },
      'free-ports': { type: 'boolean', default: false },
    },
  })
  const stopped = Promise.race([untilSignal(), untilNpmIsGone()])
  const { ports, gatewayPorts } = await portsOf(values['free-ports'])
  const gateway = values.collector ? { binary: await collector(), ...gatewayPorts } : null
  const system = await startLocal({
    dataDir: values['data-dir'],
    cwd: process.cwd(),
    ports,
    gateway,
    onStep: (step) => tell(`Starting ${step}…`),
  })
  process.stdout.write(banner(system, ports, gateway))
  const reason = await Promise.race([stopped, system.broken])
  tell(reason instanceof Error ? reason.message : 'Stopping…')
  await system.stop()
  return reason instanceof Error ? 1 : 0
}

/** npm ends on a signal, and need not pass it on. */
const untilNpmIsGone = async (): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (loadConfiguration().isRunByNpm) whenOrphaned(resolve)
  await promise
}

const tell = (text: string): void => void process.stderr.write(`${text}\n`)

const portsOf = async (free: boolean) => {
  if (!free) return { ports: STANDARD, gatewayPorts: GATEWAY }
  const [grpc = 0, http = 0, api = 0, grpcPort = 0, httpPort = 0] = await freePorts(5)
  return { ports: { grpc, http, api }, gatewayPorts: { grpcPort, httpPort } }
}

const collector = async (): Promise<string> => {
  const binary = await collectorBinary({
    given: givenCollector(),
    onBuild: (folder) => tell(`Building the Collector into ${folder}; this takes minutes.`),
  })
  if (binary === null) throw new ConfigError('tool-missing', `${COLLECTOR_MISSING}.`)
  return binary
}

const banner = (
  { brokers, clickhouseUrl, apiUrl, healthUrls, logDir }: LocalSystem,
  { grpc, http }: { readonly grpc: number; readonly http: number },
  gateway: LocalGateway | null,
): string => {
  const roles = [...healthUrls].map(([role, url]) => `    ${role.padEnd(11)}${url}/readyz`)
  return `NeoSigma is running, a process for each role.

  OTLP        gRPC http://127.0.0.1:${grpc}, HTTP http://127.0.0.1:${http}
${gateway === null ? '' : `  Collector   gRPC http://127.0.0.1:${gateway.grpcPort}, HTTP http://127.0.0.1:${gateway.httpPort}, into the same topics\n`}  API         ${apiUrl}
  Kafka       ${brokers}
  ClickHouse  ${clickhouseUrl}, database otel
  Logs        ${logDir}
  Roles
${roles.join('\n')}

Commands find it by NEOSIGMA_API_PORT=${new URL(apiUrl).port}. Ctrl-C stops all of it.
`
}

if (import.meta.main) await runMain(() => start(process.argv.slice(2)))
