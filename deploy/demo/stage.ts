import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import { TransientError } from '../../schemas/errors.ts'
import { type ApiClient, apiClient } from '../cli/api-client.ts'
import type { World } from '../simulated-model/world.ts'
import { type Child, startChild } from './child-process.ts'
import { demoConfiguration } from './demo-configuration.ts'
import { freePorts } from './free-ports.ts'
import { makeSuite } from './make-suite.ts'

export interface StageOptions {
  readonly folder: string
  readonly world: World
  readonly worldFile: string
  readonly seed: number
  readonly realModel: boolean
  readonly clock: Clock
}

/** Four processes: a model (unless a real one is used), NeoSigma, the sample agent and a subscriber. */
export interface Stage {
  readonly api: ApiClient
  readonly agentUrl: string
  readonly otlpUrl: string
  /** What the subscriber has received, in order. */
  readonly decisions: readonly DeploymentDecision[]
  /** Base URL of the simulated model, null for a real one. */
  readonly modelUrl: string | null
  /** Resolves with the reason if a process ends by itself. */
  readonly broken: Promise<Error>
  stop(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const READY_TIMEOUT_MS = 60_000

const script = (path: string): string => join(ROOT, path)

export const openStage = async (options: StageOptions): Promise<Stage> => {
  const [grpc = 0, http = 0, api = 0, model = 0, agent = 0] = await freePorts(5)
  const ports = { grpc, http, api, model, agent }
  const apiUrl = `http://127.0.0.1:${api}`
  const agentUrl = `http://127.0.0.1:${agent}`
  writeFiles(options, agentUrl)
  const modelUrl = options.realModel ? null : `http://127.0.0.1:${model}/v1`
  const modelVariables: Readonly<Record<string, string>> =
    modelUrl === null ? {} : { OPENAI_BASE_URL: modelUrl, OPENAI_API_KEY: 'simulated' }
  const children: Child[] = []
  const start = (child: Child): Child => {
    children.push(child)
    return child
  }
  if (modelUrl !== null) start(modelProcess(options, model))
  start(systemProcess(options, ports, modelVariables))
  const broken = (): Promise<Error> => firstToEnd(children)
  await ready(`${apiUrl}/readyz`, options.clock, broken())
  start(agentProcess(options, ports, modelVariables))
  const decisions: DeploymentDecision[] = []
  start(subscriberProcess(options)).onLine((line) =>
    decisions.push(JSON.parse(line) as DeploymentDecision),
  )
  await ready(`${agentUrl}/healthz`, options.clock, broken())
  return {
    api: apiClient(apiUrl),
    agentUrl,
    otlpUrl: `http://127.0.0.1:${grpc}`,
    decisions,
    modelUrl,
    broken: broken(),
    stop: async () => {
      for (const child of children.toReversed()) await child.stop()
    },
  }
}

const writeFiles = ({ folder, world, seed }: StageOptions, agentUrl: string): void => {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`)
  write('suite.json', makeSuite(world, String(seed)))
  write('agent-config.json', world.agent.config)
  write(
    'neosigma.config.jsonc',
    demoConfiguration({ agent: world.agent.name, runUrl: `${agentUrl}/run`, seed }),
  )
}

const modelProcess = ({ folder, worldFile, seed }: StageOptions, port: number): Child =>
  startChild({
    name: 'the simulated model',
    args: [
      script('deploy/simulated-model/main.ts'),
      ...['--world', worldFile, '--seed', String(seed), '--port', String(port)],
    ],
    variables: {},
    cwd: folder,
  })

interface Ports {
  readonly grpc: number
  readonly http: number
  readonly api: number
  readonly agent: number
}

/** As `npm start` does it, with its configuration beside its data. */
const systemProcess = (
  { folder }: StageOptions,
  { grpc, http, api }: Ports,
  variables: Readonly<Record<string, string>>,
): Child =>
  startChild({
    name: 'NeoSigma',
    args: [script('deploy/cli/main.ts'), 'start'],
    variables: {
      ...variables,
      NEOSIGMA_DATA_DIR: join(folder, 'data'),
      NEOSIGMA_OTLP_GRPC_PORT: String(grpc),
      NEOSIGMA_OTLP_HTTP_PORT: String(http),
      NEOSIGMA_API_PORT: String(api),
      NEOSIGMA_RUN_QUIET_MS: '1500',
      NEOSIGMA_LOG_LEVEL: 'warn',
    },
    without: ['NEOSIGMA_EMBEDDING_MODEL'],
    cwd: folder,
  })

const agentProcess = (
  { folder, world, worldFile }: StageOptions,
  { grpc, api, agent }: Ports,
  variables: Readonly<Record<string, string>>,
): Child =>
  startChild({
    name: 'the sample agent',
    args: [
      ...['--import', import.meta.resolve('@neosigma/instrumentation/register')],
      script('deploy/demo/sample-agent/main.ts'),
      ...['--world', worldFile, '--port', String(agent)],
      ...['--agent', world.agent.name, '--model', world.agent.config.model.name],
    ],
    variables: {
      ...variables,
      OTEL_SERVICE_NAME: world.agent.name,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${grpc}`,
      NEOSIGMA_AGENT: world.agent.name,
      NEOSIGMA_API_URL: `http://127.0.0.1:${api}`,
    },
    without: ['OTEL_EXPORTER_OTLP_PROTOCOL', 'NEOSIGMA_REDACT', 'NEOSIGMA_EVALUATION'],
    cwd: folder,
  })

const subscriberProcess = ({ folder, world }: StageOptions): Child =>
  startChild({
    name: 'the subscriber',
    args: [script('deploy/demo/subscriber.ts'), '--agent', world.agent.name],
    variables: { NEOSIGMA_DATA_DIR: join(folder, 'data') },
    cwd: folder,
  })

const firstToEnd = (children: readonly Child[]): Promise<Error> =>
  Promise.race(
    children.map(async ({ name, ended }) => new Error(`${name} has ended.\n${await ended}`)),
  )

const ready = async (url: string, clock: Clock, broken: Promise<Error>): Promise<void> => {
  const untilMs = clock.nowMs() + READY_TIMEOUT_MS
  let error: Error | null = null
  void broken.then((reason) => {
    error = reason
  })
  while (clock.nowMs() < untilMs) {
    if (error !== null) throw error
    const response = await fetch(url).catch(() => null)
    await response?.arrayBuffer()
    if (response?.ok === true) return
    await clock.sleep(100)
  }
  throw new TransientError('store-unavailable', `${url} was not ready in time.`)
}
