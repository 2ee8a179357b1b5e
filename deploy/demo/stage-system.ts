import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startLocal } from '../local/start-local.ts'
import { startChild } from './child-process.ts'

export interface StagePorts {
  readonly grpc: number
  readonly http: number
  readonly api: number
}

/** NeoSigma on the stage. */
export interface StageSystem {
  /** What leads another process to its engines. */
  readonly variables: Readonly<Record<string, string>>
  readonly broken: Promise<Error>
  stop(): Promise<void>
}

export interface StageSystemOptions {
  /** Of its configuration; data go to `data` below it. */
  readonly folder: string
  readonly local: boolean
}

const MAIN = fileURLToPath(new URL(`../cli/main${extname(import.meta.url)}`, import.meta.url))
const SETTINGS = { NEOSIGMA_RUN_QUIET_MS: '1500', NEOSIGMA_LOG_LEVEL: 'warn' } as const

/** As `npm start` does it, or as `npm run local`. */
export const startStageSystem = (
  options: StageSystemOptions,
  ports: StagePorts,
  modelVariables: Readonly<Record<string, string>>,
): Promise<StageSystem> => {
  const variables = { ...modelVariables, ...SETTINGS }
  return options.local
    ? startEngines(options, ports, variables)
    : Promise.resolve(startEmbedded(options, ports, variables))
}

const ELSEWHERE = ['NEOSIGMA_EMBEDDING_MODEL']

const startEmbedded = (
  { folder }: StageSystemOptions,
  { grpc, http, api }: StagePorts,
  variables: Readonly<Record<string, string>>,
): StageSystem => {
  const ofData = { NEOSIGMA_DATA_DIR: join(folder, 'data') }
  const child = startChild({
    name: 'NeoSigma',
    args: [MAIN, 'start'],
    variables: {
      ...variables,
      ...ofData,
      NEOSIGMA_OTLP_GRPC_PORT: String(grpc),
      NEOSIGMA_OTLP_HTTP_PORT: String(http),
      NEOSIGMA_API_PORT: String(api),
    },
    without: ELSEWHERE,
    cwd: folder,
  })
  return {
    variables: ofData,
    broken: child.ended.then((words) => new Error(`NeoSigma has ended.\n${words}`)),
    stop: () => child.stop(),
  }
}

const startEngines = async (
  { folder }: StageSystemOptions,
  ports: StagePorts,
  variables: Readonly<Record<string, string>>,
): Promise<StageSystem> => {
  const dataDir = join(folder, 'data')
  const system = await startLocal({ dataDir, cwd: folder, ports, variables, without: ELSEWHERE })
  return {
    variables: {
      NEOSIGMA_DATA_DIR: dataDir,
      KAFKA_BROKERS: system.brokers,
      CLICKHOUSE_URL: system.clickhouseUrl,
    },
    broken: system.broken,
    stop: () => system.stop(),
  }
}
