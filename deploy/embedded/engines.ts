import type { Logger } from 'pino'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { openModelClient } from '../../pipeline/model-client/open-model-client.ts'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'
import type { Configuration } from '../../pipeline/service-runtime/configuration.ts'
import type { Metrics } from '../../pipeline/service-runtime/metrics.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import type { Secrets } from '../../pipeline/service-runtime/secrets.ts'
import { migrate } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import { applyRetention } from '../../pipeline/trace-store/retention.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { InvariantError, TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'

export interface EngineOptions {
  readonly configuration: Configuration
  readonly secrets: Secrets
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  /** False for roles that do without: then none is opened. */
  readonly withStore: boolean
  readonly signal: AbortSignal
  /** What is being waited for. */
  readonly onStep: (reason: string) => void
}

const PAUSE_MS = 1000
const LONGEST_WAIT_MS = 60_000

/**
 * Opens what the roles share, and has it closed by `closers`. An engine that does not answer yet is asked again for a
 * minute. @throws ConfigError, TransientError of the engines
 */
export const openEngines = async (
  options: EngineOptions,
  closers: AsyncDisposableStack,
): Promise<RoleContext> => {
  const { configuration, secrets, logger, clock, metrics, onStep } = options
  const services = { clock, logger, metrics }
  onStep('the event log is not open')
  const log = await patiently(options, () => openEventLog(configuration, secrets, services))
  closers.defer(() => log.close())
  const { eventLog } = configuration
  if (eventLog.driver !== 'kafka' || eventLog.createTopics)
    await patiently(options, () => log.createTopics(Object.values(TOPICS)))
  onStep('the trace store is not open')
  const store = options.withStore ? await openMigratedStore(options, closers) : ABSENT_STORE
  const model = await openModelClient(configuration, secrets, services)
  return { configuration, log, store, model, clock, logger, metrics }
}

const openMigratedStore = async (
  options: EngineOptions,
  closers: AsyncDisposableStack,
): Promise<TraceStore> => {
  const { configuration, secrets, logger, onStep } = options
  const store = await patiently(options, () => openTraceStore(configuration, secrets))
  closers.defer(() => store.close())
  onStep('migrations are not applied')
  const applied = await patiently(options, () => migrate(store))
  if (applied.length > 0) logger.info({ applied }, 'migrations applied')
  const changed = await patiently(options, () => applyRetention(store, configuration.retention))
  if (changed.length > 0) logger.info({ changed, ...configuration.retention }, 'retention changed')
  return store
}

const patiently = async <Result>(
  { clock, logger, signal, onStep }: EngineOptions,
  open: () => Promise<Result>,
): Promise<Result> => {
  // A clock that is put forward meanwhile must not end the patience.
  const untilMs = performance.now() + LONGEST_WAIT_MS
  for (;;) {
    try {
      return await open()
    } catch (error) {
      const passes = error instanceof TransientError && performance.now() < untilMs
      if (!passes || signal.aborted) throw error
      onStep(error.detail)
      logger.warn({ err: error }, 'an engine does not answer yet')
      await clock.sleep(error.retryAfterMs ?? PAUSE_MS, signal)
    }
  }
}

const absent = (): Promise<never> =>
  Promise.reject(new InvariantError('invariant-broken', 'This process has no trace store.'))

const ABSENT_STORE: TraceStore = {
  insert: absent,
  query: absent,
  streamReadOnly: absent,
  command: absent,
  ping: absent,
  close: () => Promise.resolve(),
}
