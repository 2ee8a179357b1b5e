import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../../deploy/local/free-ports.ts'
import { startProcess } from '../../../deploy/local/local-process.ts'
import { startLocal } from '../../../deploy/local/start-local.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { cpuSecondsOf, processWith } from '../pipeline/process-figures.ts'

export type SystemName = 'embedded' | 'local'

export interface MeasuredSystem {
  readonly httpPort: number
  readonly apiUrl: string
  /** CPU seconds so far, by what runs: each process of a role, and engines of their own. */
  cpuSeconds(): Readonly<Record<string, number>>
  stop(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../../deploy/cli/main.ts', import.meta.url))
/** As `deploy/Dockerfile` runs every role. */
const AS_THE_IMAGE = '--max-semi-space-size=4'

/** `npm start`, or what `npm run local` starts, in a fresh folder. `variables` go to every role. */
export const openSystem = async (
  name: SystemName,
  variables: Readonly<Record<string, string>>,
): Promise<MeasuredSystem> => {
  const { folder, remove } = temporaryFolder()
  const [grpc = 0, http = 0, api = 0] = await freePorts(3)
  const open = name === 'embedded' ? openEmbedded : openLocal
  const system = await open(folder, { grpc, http, api }, variables)
  return {
    ...system,
    httpPort: http,
    apiUrl: `http://127.0.0.1:${api}`,
    stop: async () => {
      await system.stop()
      remove()
    },
  }
}

interface Ports {
  readonly grpc: number
  readonly http: number
  readonly api: number
}
type Opened = Pick<MeasuredSystem, 'cpuSeconds' | 'stop'>
type Variables = Readonly<Record<string, string>>

const openEmbedded = async (
  folder: string,
  ports: Ports,
  variables: Variables,
): Promise<Opened> => {
  const started = await startProcess({
    command: process.execPath,
    args: [MAIN, 'start'],
    cwd: folder,
    variables: {
      ...variables,
      NEOSIGMA_DATA_DIR: folder,
      NEOSIGMA_LOG_LEVEL: 'warn',
      NEOSIGMA_OTLP_GRPC_PORT: String(ports.grpc),
      NEOSIGMA_OTLP_HTTP_PORT: String(ports.http),
      NEOSIGMA_API_PORT: String(ports.api),
    },
    ready: { answers: async () => (await fetch(`http://127.0.0.1:${ports.api}/readyz`)).ok },
  })
  const pid = processWith(`NEOSIGMA_DATA_DIR=${folder} `)
  return {
    cpuSeconds: () => ({ 'all in one': cpuSecondsOf(pid) }),
    stop: () => started.end('SIGTERM'),
  }
}

const openLocal = async (folder: string, ports: Ports, variables: Variables): Promise<Opened> => {
  const system = await startLocal({
    dataDir: folder,
    cwd: folder,
    ports,
    variables: { ...variables, NODE_OPTIONS: AS_THE_IMAGE },
  })
  const processes = [
    ...[...system.healthUrls].map(([role, url]): readonly [string, number] => [
      role,
      processWith(`NEOSIGMA_HEALTH_PORT=${new URL(url).port} `),
    ]),
    ['Kafka', processWith(join(folder, 'kafka', 'server.properties'))] as const,
    ['ClickHouse', processWith(`--http_port=${new URL(system.clickhouseUrl).port}`)] as const,
  ]
  return {
    cpuSeconds: () => Object.fromEntries(processes.map(([name, pid]) => [name, cpuSecondsOf(pid)])),
    stop: system.stop,
  }
}
