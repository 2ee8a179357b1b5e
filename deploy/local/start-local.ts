import { join, resolve } from 'node:path'
import {
  configurationFile,
  type StartedCollector,
  startCollector,
} from '../collector/start-collector.ts'
import type { RoleName } from '../embedded/roles.ts'
import { startClickHouse } from './clickhouse/start-clickhouse.ts'
import { startKafka } from './kafka/start-kafka.ts'
import { startRoles } from './start-roles.ts'

export interface LocalPorts {
  readonly grpc: number
  readonly http: number
  readonly api: number
  /** Default: free ones. */
  readonly kafka?: number
  readonly clickhouse?: number
}

/** A Collector as gateway: a second door for OTLP, into the same topics. */
export interface LocalGateway {
  readonly binary: string
  readonly grpcPort: number
  readonly httpPort: number
}

export interface LocalSystemOptions {
  /** Of the engines, of `api.json`, of what the roles say. */
  readonly dataDir: string
  /** Where `neosigma.config.jsonc` is looked for. */
  readonly cwd: string
  readonly ports: LocalPorts
  readonly gateway?: LocalGateway | null
  /** More of the environment of every role. */
  readonly variables?: Readonly<Record<string, string>>
  /** Taken out of it, beside what would lead to engines elsewhere. */
  readonly without?: readonly string[]
  readonly onStep?: (step: string) => void
}

/** Kafka, ClickHouse and every role, a process each. */
export interface LocalSystem {
  readonly brokers: string
  readonly clickhouseUrl: string
  readonly apiUrl: string
  readonly healthUrls: ReadonlyMap<RoleName, string>
  readonly logDir: string
  /** Resolves with the reason if a process ends by itself. */
  readonly broken: Promise<Error>
  /** Against the data flow: Collector, roles, store, broker. */
  stop(): Promise<void>
}

/** What the surroundings may have set for engines elsewhere. */
const ELSEWHERE = [
  'KAFKA_USERNAME',
  'KAFKA_PASSWORD',
  'CLICKHOUSE_USER',
  'CLICKHOUSE_PASSWORD',
  'CLICKHOUSE_DATABASE',
] as const

/**
 * Starts the system as it runs in production, on this machine. What was started before an error is stopped again.
 * @throws ConfigError `tool-missing` where Java or Maven are missing, or a process does not start
 */
export const startLocal = async (options: LocalSystemOptions): Promise<LocalSystem> => {
  const closers = new AsyncDisposableStack()
  try {
    return await open(options, closers)
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

const open = async (
  options: LocalSystemOptions,
  closers: AsyncDisposableStack,
): Promise<LocalSystem> => {
  const { ports, cwd, gateway = null, onStep = () => undefined } = options
  const dataDir = resolve(cwd, options.dataDir)
  onStep('Kafka')
  const kafka = await startKafka({
    dataDir: join(dataDir, 'kafka'),
    ...(ports.kafka === undefined ? {} : { port: ports.kafka }),
    detached: true,
  })
  closers.defer(() => kafka.stop())
  onStep('ClickHouse')
  const clickhouse = await startClickHouse({
    dataDir: join(dataDir, 'clickhouse'),
    ...(ports.clickhouse === undefined ? {} : { port: ports.clickhouse }),
    detached: true,
  })
  closers.defer(() => clickhouse.stop())
  onStep('the roles')
  const logDir = join(dataDir, 'logs')
  const roles = await startRoles({
    cwd,
    logDir,
    without: [...ELSEWHERE, ...(options.without ?? [])],
    variables: {
      ...options.variables,
      KAFKA_BROKERS: kafka.brokers,
      CLICKHOUSE_URL: clickhouse.url,
      NEOSIGMA_DATA_DIR: dataDir,
      NEOSIGMA_OTLP_GRPC_PORT: String(ports.grpc),
      NEOSIGMA_OTLP_HTTP_PORT: String(ports.http),
      NEOSIGMA_API_PORT: String(ports.api),
    },
  })
  closers.defer(() => roles.stop())
  const collector = gateway === null ? null : await openGateway(gateway, kafka.brokers, closers)
  return {
    brokers: kafka.brokers,
    clickhouseUrl: clickhouse.url,
    apiUrl: `http://127.0.0.1:${ports.api}`,
    healthUrls: roles.healthUrls,
    logDir,
    broken: Promise.race([roles.broken, ...(collector === null ? [] : [endOf(collector)])]),
    stop: () => closers.disposeAsync(),
  }
}

/** The roles have made the topics by now; the Collector makes none. */
const openGateway = async (
  { binary, grpcPort, httpPort }: LocalGateway,
  brokers: string,
  closers: AsyncDisposableStack,
): Promise<StartedCollector> => {
  const collector = await startCollector({
    binary,
    configurations: [configurationFile('gateway')],
    variables: {
      KAFKA_BROKERS: brokers,
      OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpcPort}`,
      OTLP_HTTP_ENDPOINT: `127.0.0.1:${httpPort}`,
    },
    detached: true,
  })
  closers.defer(() => collector.stop())
  return collector
}

const endOf = async ({ ended }: StartedCollector): Promise<Error> =>
  new Error(`The Collector has ended.\n${await ended}`)
