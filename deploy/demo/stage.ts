import { mkdirSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import { TransientError } from '../../schemas/errors.ts'
import { type ApiClient, apiClient } from '../cli/api-client.ts'
import { freePorts } from '../local/free-ports.ts'
import type { World } from '../simulated-model/world.ts'
import { type Child, startChild } from './child-process.ts'
import { demoConfiguration } from './demo-configuration.ts'
import { makeSuite } from './make-suite.ts'
import { type StagePorts, startStageSystem } from './stage-system.ts'

export interface StageOptions {
  readonly folder: string
  readonly world: World
  readonly worldFile: string
  readonly seed: number
  readonly realModel: boolean
  /** Kafka, ClickHouse and a process for each role instead of the embedded system. */
  readonly local: boolean
  readonly clock: Clock
}

/** A model (unless a real one is used), NeoSigma, the sample agent and a subscriber, processes of their own. */
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

/** `.ts` in a checkout and `.js` when compiled, as this file. */
const script = (path: string): string => join(ROOT, `${path}${extname(import.meta.url)}`)

/** What was started before an error is stopped again. */
export const openStage = async (options: StageOptions): Promise<Stage> => {
  const closers = new AsyncDisposableStack()
  try {
    return await open(options, closers)
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

const open = async (options: StageOptions, closers: AsyncDisposableStack): Promise<Stage> => {
  const [grpc = 0, http = 0, api = 0, model = 0, agent = 0] = await freePorts(5)
  const ports = { grpc, http, api, model, agent }
  const agentUrl = `http://127.0.0.1:${agent}`
  writeFiles(options, agentUrl)
  const modelUrl = options.realModel ? null : `http://127.0.0.1:${model}/v1`
  const modelVariables: Readonly<Record<string, string>> =
    modelUrl === null ? {} : { OPENAI_BASE_URL: modelUrl, OPENAI_API_KEY: 'simulated' }
  const ends: Promise<Error>[] = []
  const start = (child: Child): Child => {
    closers.defer(() => child.stop())
    ends.push(endOf(child))
    return child
  }
  if (modelUrl !== null) start(modelProcess(options, model))
  const system = await startStageSystem(options, ports, modelVariables)
  closers.defer(() => system.stop())
  ends.push(system.broken)
  const apiUrl = `http://127.0.0.1:${api}`
  await ready(`${apiUrl}/readyz`, options.clock, Promise.race(ends))
  start(agentProcess(options, ports, modelVariables))
  const decisions: DeploymentDecision[] = []
  start(subscriberProcess(options, system.variables)).onLine((line) =>
    decisions.push(JSON.parse(line) as DeploymentDecision),
  )
  await ready(`${agentUrl}/healthz`, options.clock, Promise.race(ends))
  return {
    api: apiClient(apiUrl),
    agentUrl,
    otlpUrl: `http://127.0.0.1:${grpc}`,
    decisions,
    modelUrl,
    broken: Promise.race(ends),
    stop: () => closers.disposeAsync(),
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
      script('deploy/simulated-model/main'),
      ...['--world', worldFile, '--seed', String(seed), '--port', String(port)],
    ],
    variables: {},
    cwd: folder,
  })

const agentProcess = (
  { folder, world, worldFile }: StageOptions,
  { grpc, api, agent }: StagePorts & { readonly agent: number },
  variables: Readonly<Record<string, string>>,
): Child =>
  startChild({
    name: 'the sample agent',
    args: [
      ...['--import', import.meta.resolve('@neosigma/instrumentation/register')],
      script('deploy/demo/sample-agent/main'),
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

const subscriberProcess = (
  { folder, world }: StageOptions,
  variables: Readonly<Record<string, string>>,
): Child =>
  startChild({
    name: 'the subscriber',
    args: [script('deploy/demo/subscriber'), '--agent', world.agent.name],
    variables,
    cwd: folder,
  })

const endOf = async ({ name, ended }: Child): Promise<Error> =>
  new Error(`${name} has ended.\n${await ended}`)

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
