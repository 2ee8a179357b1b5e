import type { Logger } from 'pino'
import { isoOf, systemClock } from '../../pipeline/service-runtime/clock.ts'
import type { Configuration } from '../../pipeline/service-runtime/configuration.ts'
import {
  type HealthServer,
  openHealthServer,
} from '../../pipeline/service-runtime/health-server.ts'
import type { ListenOptions } from '../../pipeline/service-runtime/listen.ts'
import { type Metrics, openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { ownTelemetry } from '../../pipeline/service-runtime/own-telemetry.ts'
import type { Role, RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { Secrets } from '../../pipeline/service-runtime/secrets.ts'
import { removeApiFile, urlOf, writeApiFile } from './api-file.ts'
import { holdDataFolder } from './data-folder.ts'
import { openEngines } from './engines.ts'
import { rolePorts } from './role-ports.ts'
import { inFlowOrder, type RoleName, startRole, usesStore } from './roles.ts'

export interface SystemOptions {
  readonly configuration: Configuration
  readonly secrets: Secrets
  readonly logger: Logger
  readonly roles: readonly RoleName[]
  /** Where health is answered, from before anything is open until all is closed. */
  readonly health: ListenOptions
  /** Whether the API answers there too, or opens a port of its own. */
  readonly apiAtHealth: boolean
  /** False for a system of one command, which nobody else should find. Default true. */
  readonly announced?: boolean | undefined
  /** Ends a start that waits for an engine. */
  readonly signal?: AbortSignal | undefined
}

export interface System {
  /** Of health, readiness and metrics. */
  readonly healthUrl: string
  /** null where the API runs elsewhere. */
  readonly apiUrl: string | null
  /** null where the receiver runs elsewhere. */
  readonly grpcPort: number | null
  readonly httpPort: number | null
  readonly context: RoleContext
  notReady(): readonly string[]
  /** Resolves with the reason if a role ends by itself. */
  readonly failed: Promise<Error>
  /** Against the data flow: roles, engines, health, the folder. Each finishes what it has in hand. */
  stop(): Promise<void>
}

const GRACE_MS = 5000
const NEVER = new AbortController().signal

/**
 * Opens the engines, then the roles in the order of the data flow. What was opened before an error is closed again.
 * @throws ConfigError, TransientError as the parts name them
 */
export const startSystem = async (options: SystemOptions): Promise<System> => {
  const closers = new AsyncDisposableStack()
  try {
    return await open(options, closers)
  } catch (error) {
    await closers.disposeAsync()
    throw error
  }
}

const open = async (options: SystemOptions, closers: AsyncDisposableStack): Promise<System> => {
  const { configuration, secrets, logger, signal = NEVER } = options
  let step: string | null = 'starting'
  const roles = new Map<RoleName, Role>()
  const notReady = (): readonly string[] =>
    step === null ? [...roles.values()].flatMap((role) => role.notReady()) : [step]
  const withStore = options.roles.some(usesStore)
  if (withStore && configuration.traceStore.driver === 'chdb') hold(configuration, closers)
  const metrics = openMetrics(ownTelemetry(configuration, options.roles))
  closers.defer(() => metrics.close())
  const health = await openHealth(options, { metrics, notReady }, closers)
  const onStep = (reason: string): void => {
    step = reason
  }
  const context = await openEngines(
    { configuration, secrets, logger, metrics, clock: systemClock, withStore, signal, onStep },
    closers,
  )
  for (const name of inFlowOrder(options.roles)) {
    onStep(`${name} has not started`)
    const role = await startRole(name, context, options.apiAtHealth ? health : undefined)
    roles.set(name, role)
    closers.defer(() => role.stop())
  }
  const { apiPort, grpcPort, httpPort } = rolePorts(roles)
  const apiUrl = apiPort === null ? null : urlOf(configuration.api.host, apiPort)
  if (apiUrl !== null && options.announced !== false)
    announce(configuration, { url: apiUrl, grpcPort, httpPort }, closers)
  step = null
  let stopped: Promise<void> | null = null
  return {
    healthUrl: urlOf(options.health.host, health.port),
    apiUrl,
    grpcPort,
    httpPort,
    context,
    notReady,
    failed: Promise.race([...roles.values()].map(({ failed }) => failed)),
    stop: () => {
      onStep('stopping')
      stopped ??= closers.disposeAsync()
      return stopped
    },
  }
}

const hold = ({ dataDir }: Configuration, closers: AsyncDisposableStack): void => {
  const folder = holdDataFolder(dataDir)
  closers.defer(() => folder.release())
}

/** The first to go when the system stops: nobody new should come then. */
const announce = (
  { dataDir }: Configuration,
  { url, grpcPort, httpPort }: Pick<System, 'grpcPort' | 'httpPort'> & { readonly url: string },
  closers: AsyncDisposableStack,
): void => {
  writeApiFile(dataDir, {
    url,
    pid: process.pid,
    otlpGrpcPort: grpcPort,
    otlpHttpPort: httpPort,
    startedAt: isoOf(systemClock.nowMs()),
  })
  closers.defer(() => removeApiFile(dataDir))
}

const openHealth = async (
  { health }: SystemOptions,
  sources: { readonly metrics: Metrics; readonly notReady: () => readonly string[] },
  closers: AsyncDisposableStack,
): Promise<HealthServer> => {
  const server = await openHealthServer({ ...health, ...sources })
  closers.defer(() => server.stop(GRACE_MS))
  return server
}
