import { TransientError } from '../../schemas/errors.ts'
import type { Clock } from '../service-runtime/clock.ts'
import type { ConsumeOptions, ConsumerServices, RecordBatch } from './event-log.ts'
import { guardRecords, type Handle } from './guard-records.ts'
import { watchLag } from './watch-lag.ts'

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 15_000

/**
 * Hands batches to `handle` until the signal aborts. `handle` commits what it has finished. A TransientError keeps the
 * place and tries the same batch again after a growing pause, with heartbeats; any other error ends the loop with the
 * batch uncommitted. A record that ends it again is passed over, see `guardRecords`. How far the group is behind is a
 * metric meanwhile.
 */
export const runConsumer = async (
  services: ConsumerServices,
  options: ConsumeOptions,
  handle: (batch: RecordBatch) => Promise<void>,
): Promise<void> => {
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  const watching = watchLag(services, { ...options, signal })
  const guard = guardRecords(services, options)
  const guarded = { ...options, onAssignment: guard.onAssignment }
  const patient: Handle = (batch, onWait) =>
    retryTransient(services, options, batch, { handle, onWait })
  try {
    await handBatches(services, guarded, (batch) => guard.deliver(batch, patient))
  } finally {
    ending.abort()
    await watching
  }
}

/** The same for a view, which commits nothing and so is never behind. */
export const runView = (
  services: ConsumerServices,
  options: ConsumeOptions,
  handle: (batch: RecordBatch) => Promise<void>,
): Promise<void> =>
  handBatches(services, options, (batch) => retryTransient(services, options, batch, { handle }))

const handBatches = async (
  services: ConsumerServices,
  options: ConsumeOptions,
  deliver: (batch: RecordBatch) => Promise<void>,
): Promise<void> => {
  for await (const batch of services.log.consume(options)) {
    await deliver(batch)
    services.metrics.count('neosigma.consumer.records', batch.records.length, {
      group: options.group,
      topic: batch.topic,
    })
  }
}

interface Patience {
  readonly handle: (batch: RecordBatch) => Promise<void>
  readonly onWait?: () => Promise<void>
}

const retryTransient = async (
  { clock, logger, metrics }: ConsumerServices,
  { group, signal }: ConsumeOptions,
  batch: RecordBatch,
  { handle, onWait }: Patience,
): Promise<void> => {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await handle(batch)
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      await onWait?.()
      if (signal.aborted) return
      const waitMs = Math.max(pauseMs, error.retryAfterMs ?? 0)
      metrics.count('neosigma.consumer.retries', 1, { group, code: error.code })
      logger.warn({ group, topic: batch.topic, err: error, waitMs }, 'batch is tried again')
      await waitWithHeartbeats(clock, batch, waitMs, signal)
      if (signal.aborted) return
    }
  }
}

const waitWithHeartbeats = async (
  clock: Clock,
  batch: RecordBatch,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> => {
  for (let leftMs = waitMs; leftMs > 0 && !signal.aborted; leftMs -= 2000) {
    await clock.sleep(Math.min(leftMs, 2000), signal)
    await batch.heartbeat()
  }
}
