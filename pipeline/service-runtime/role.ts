import type { Logger } from 'pino'
import type { EventLog } from '../event-log/event-log.ts'
import type { ModelClient } from '../model-client/model-client.ts'
import type { TraceStore } from '../trace-store/trace-store.ts'
import type { Clock } from './clock.ts'
import type { Configuration } from './configuration.ts'
import type { Metrics } from './metrics.ts'

/** What every role is given. A role takes what it needs and opens nothing itself. */
export interface RoleContext {
  readonly configuration: Configuration
  readonly log: EventLog
  readonly store: TraceStore
  /** null where no model endpoint is configured: the deterministic path is taken. */
  readonly model: ModelClient | null
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** A running role. */
export interface Role {
  readonly name: string
  /** Why it is not ready yet; empty when it is. */
  notReady(): readonly string[]
  /** Finishes the batch at hand, gives partitions back, resolves when nothing runs any more. */
  stop(): Promise<void>
  /** Resolves with the error if the role ends by itself. */
  readonly failed: Promise<Error>
}
