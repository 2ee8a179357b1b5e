import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransientError } from '../../../schemas/errors.ts'
import { systemClock } from '../../service-runtime/clock.ts'
import type { ConsumeOptions, EventLogServices, RecordBatch } from '../event-log.ts'
import type { Connections } from './connect.ts'
import { type GroupSession, joinGroup } from './group-session.ts'
import { holdLatest } from './hold-latest.ts'
import { translatedKafka } from './translate-kafka-error.ts'

const RETRY_MS = 1000

/** Batches of what this member owns until the signal aborts. A broker that is away is waited for. */
export async function* consumeGroup(
  connections: Connections,
  { logger }: Pick<EventLogServices, 'logger'>,
  options: ConsumeOptions,
): AsyncGenerator<RecordBatch> {
  const { signal, group } = options
  while (!signal.aborted) {
    try {
      yield* sessionBatches(connections, options)
    } catch (error) {
      // What the consumer's own body throws does not come here: a generator is not told of it.
      if (!(error instanceof TransientError)) throw error
      logger.warn({ group, err: error }, 'the event log is tried again')
      await systemClock.sleep(RETRY_MS, signal)
    }
  }
}

async function* sessionBatches(
  connections: Connections,
  options: ConsumeOptions,
): AsyncGenerator<RecordBatch> {
  const { signal, topics } = options
  // kafkajs would try an unknown topic for seconds.
  await translatedKafka(topics.join(', '), () =>
    connections.admin.fetchTopicMetadata({ topics: [...topics] }),
  )
  if (options.from === 'latest') await holdLatest(connections, options)
  const session = await joinGroup(connections, options)
  const close = (): void => session.close()
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  try {
    yield* batchesOf(session)
  } finally {
    signal.removeEventListener('abort', close)
    await session.leave()
  }
}

async function* batchesOf(session: GroupSession): AsyncGenerator<RecordBatch> {
  for (let batch = await session.next(); batch !== null; batch = await session.next()) {
    yield batch
    // A consumer that awaits nothing must not keep timers and sockets from their turn.
    await nextTurn()
  }
}
