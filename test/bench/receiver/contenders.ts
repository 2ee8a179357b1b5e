import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationFile, startCollector } from '../../../deploy/collector/start-collector.ts'
import { freePorts } from '../../../deploy/local/free-ports.ts'
import { startRoleProcess } from '../../support/role-process.ts'
import { processWith } from '../pipeline/process-figures.ts'

/** What takes OTLP: NeoSigma's receiver before either log, the Collector's gateway with either codec. */
export const CONTENDERS = [
  'receiver-kafka',
  'collector-lz4',
  'collector-zstd',
  'receiver-sqlite',
] as const
export type Contender = (typeof CONTENDERS)[number]

export interface Running {
  readonly pid: number
  readonly httpPort: number
  readonly grpcPort: number
  /** By SIGKILL: what was acknowledged is in the log all the same. */
  kill(): Promise<void>
}

export interface Places {
  readonly brokers: string
  /** Of this run alone. */
  readonly folder: string
  readonly otelcol: string
}

/** As `deploy/Dockerfile` runs every role. */
const AS_THE_IMAGE = '--max-semi-space-size=4'

export const startContender = async (contender: Contender, places: Places): Promise<Running> => {
  const [httpPort = 0, grpcPort = 0] = await freePorts(2)
  switch (contender) {
    case 'receiver-kafka':
      return startReceiver(places, { httpPort, grpcPort }, { KAFKA_BROKERS: places.brokers })
    case 'receiver-sqlite':
      return startReceiver(places, { httpPort, grpcPort }, {})
    case 'collector-lz4':
      return startGateway(places, { httpPort, grpcPort }, 'lz4')
    case 'collector-zstd':
      return startGateway(places, { httpPort, grpcPort }, 'zstd')
  }
}

type Ports = Pick<Running, 'httpPort' | 'grpcPort'>

const startReceiver = async (
  { folder }: Places,
  ports: Ports,
  engine: Readonly<Record<string, string>>,
): Promise<Running> => {
  const role = await startRoleProcess('receiver', {
    NODE_OPTIONS: AS_THE_IMAGE,
    NEOSIGMA_DATA_DIR: folder,
    NEOSIGMA_OTLP_HTTP_PORT: String(ports.httpPort),
    NEOSIGMA_OTLP_GRPC_PORT: String(ports.grpcPort),
    ...engine,
  })
  return {
    ...ports,
    pid: processWith(`NEOSIGMA_OTLP_HTTP_PORT=${ports.httpPort}`),
    kill: () => role.stop(),
  }
}

/** `deploy/collector/gateway.yaml` with the codec laid over it. */
const startGateway = async (
  { brokers, folder, otelcol }: Places,
  ports: Ports,
  compression: 'lz4' | 'zstd',
): Promise<Running> => {
  const file = join(folder, `gateway-${ports.httpPort}.json`)
  writeFileSync(file, JSON.stringify({ exporters: { kafka: { producer: { compression } } } }))
  const collector = await startCollector({
    binary: otelcol,
    configurations: [configurationFile('gateway'), file],
    variables: {
      KAFKA_BROKERS: brokers,
      OTLP_HTTP_ENDPOINT: `127.0.0.1:${ports.httpPort}`,
      OTLP_GRPC_ENDPOINT: `127.0.0.1:${ports.grpcPort}`,
      OTELCOL_METRICS_LEVEL: 'none',
    },
  })
  return { ...ports, pid: processWith(`--config=${file}`), kill: () => collector.kill() }
}
