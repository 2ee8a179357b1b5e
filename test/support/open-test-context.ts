import { pino } from 'pino'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import type { ModelServices } from '../../pipeline/model-client/openai-model-client.ts'
import { type Clock, systemClock } from '../../pipeline/service-runtime/clock.ts'
import {
  type ConfigurationInput,
  configuration,
} from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { migrate } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface TestContext extends RoleContext {
  readonly folder: string
  /** Closes the engines and removes the folder. Stop the roles first. */
  close(): Promise<void>
}

export interface TestContextOptions {
  /** Any part of the configuration; the rest has its defaults, the data folder is a temporary one. */
  readonly configuration?: ConfigurationInput
  readonly clock?: Clock
  readonly model?: RoleContext['model']
  /** For a model that needs the context's own services. */
  readonly openModel?: (services: ModelServices) => Promise<RoleContext['model']>
}

/**
 * A RoleContext on the real embedded engines in a fresh folder: SQLite log with all topics, chDB with all migrations.
 * chDB binds one folder per process: open one context at a time in a test file (`beforeAll`/`afterAll`, or per test and
 * closed before the next). Files run in processes of their own and do not meet.
 */
export const openTestContext = async (options: TestContextOptions = {}): Promise<TestContext> => {
  const { folder, remove } = temporaryFolder()
  const settings = configuration.parse({ ...options.configuration, dataDir: folder })
  const clock = options.clock ?? systemClock
  const logger = pino({ level: 'silent' })
  const metrics = openMetrics()
  const log = await openEventLog(settings, NO_SECRETS, { clock, logger, metrics })
  const store = await openTraceStore(settings, NO_SECRETS)
  await log.createTopics(Object.values(TOPICS))
  await migrate(store)
  return {
    configuration: settings,
    log,
    store,
    model: options.model ?? (await options.openModel?.({ clock, logger, metrics })) ?? null,
    clock,
    logger,
    metrics,
    folder,
    close: async () => {
      await log.close()
      await store.close()
      await metrics.close()
      remove()
    },
  }
}
