import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransientError } from '../../../schemas/errors.ts'
import { systemClock } from '../../service-runtime/clock.ts'
import type { ConsumeOptions, EventLogServices, RecordBatch } from '../event-log.ts'
import type { Connections } from './connect.ts'
import { type GroupSession, joinGroup } from './group-session.ts'
import { holdLatest } from './hold-latest.ts'
import { translatedKafka } from './translate-kafka-error.ts'

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 2000

/** Batches of what this member owns until the signal aborts. A broker that is away is waited for. */
export async function* consumeGroup(
  connections: Connections,
  { logger }: Pick<EventLogServices, 'logger'>,
  options: ConsumeOptions,
): AsyncGenerator<RecordBatch> {
  const { signal, group } = options
  for (let failures = 0; !signal.aborted; ) {
    try {
      const session = await openSession(connections, options)
      failures = 0
      yield* sessionBatches(session, signal)
    } catch (error) {
      // What the consumer's own body throws does not come here: a generator is not told of it.
      if (!(error instanceof TransientError)) throw error
      failures += 1
      // A fresh broker makes its list of groups at the first question for one, and refuses that question.
      const level = failures === 1 ? 'debug' : 'warn'
      logger[level]({ group, err: error }, 'the event log is tried again')
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
      await systemClock.sleep(pauseMs, signal)
    }
  }
}

const openSession = async (
  connections: Connections,
  options: ConsumeOptions,
): Promise<GroupSession> => {
  const { topics, group, from } = options
  // kafkajs would try an unknown topic for seconds.
  await translatedKafka(topics.join(', '), () =>
    connections.admin.fetchTopicMetadata({ topics: [...topics] }),
  )
  if (from === 'latest')
    await translatedKafka(`group ${group}`, () => holdLatest(connections, options))
  return joinGroup(connections, options)
}

async function* sessionBatches(
  session: GroupSession,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch> {
  const close = (): void => session.close()
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  try {
    for (let batch = await session.next(); batch !== null; batch = await session.next()) {
      yield batch
      // A consumer that awaits nothing must not keep timers and sockets from their turn.
      await nextTurn()
    }
  } finally {
    signal.removeEventListener('abort', close)
    await session.leave()
  }
}
