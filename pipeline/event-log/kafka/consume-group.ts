import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransientError } from '../../../schemas/errors.ts'
import { systemClock } from '../../service-runtime/clock.ts'
import type { ConsumeOptions, EventLogServices, RecordBatch } from '../event-log.ts'

/** One membership of a group. */
export interface GroupSession {
  /** The next batch; the one before counts as done. null after `close`. */
  next(): Promise<RecordBatch | null>
  /** Ends `next` at once where it waits. */
  close(): void
  /** Gives the partitions back and disconnects. */
  leave(): Promise<void>
}

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 2000

/** Batches of what this member owns until the signal aborts. A broker that is away is waited for. */
export async function* consumeGroup(
  openSession: (options: ConsumeOptions) => Promise<GroupSession>,
  { logger }: Pick<EventLogServices, 'logger'>,
  options: ConsumeOptions,
): AsyncGenerator<RecordBatch> {
  const { signal, group } = options
  for (let failures = 0; !signal.aborted; ) {
    try {
      const session = await openSession(options)
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
