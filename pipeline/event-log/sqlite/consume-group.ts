import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransientError } from '../../../schemas/errors.ts'
import type { ConsumeOptions, RecordBatch } from '../event-log.ts'
import { CHECK_MS, GroupReader, type OwnedRecords } from './group-reader.ts'
import { type Session, translated } from './session.ts'

/** Batches of what this member owns until the signal aborts or the log is closed. */
export async function* consumeGroup(
  session: Session,
  options: ConsumeOptions,
): AsyncGenerator<RecordBatch> {
  const { closing, changes } = session
  const signal = AbortSignal.any([options.signal, closing])
  if (signal.aborted) return
  const topics = translated(closing, () => options.topics.map(session.topics.find))
  let reader: GroupReader | null = null
  try {
    while (!signal.aborted) {
      let found: OwnedRecords | null = null
      try {
        reader ??= translated(closing, () => new GroupReader(session, topics, options))
        found = nextOf(session, reader)
      } catch (error) {
        if (!(error instanceof TransientError)) throw error
        session.logger.warn({ group: options.group, err: error }, 'the event log is tried again')
      }
      if (found === null) await changes.wait(reader?.millisecondsToCheck ?? CHECK_MS, signal)
      else {
        yield batchOf(session, options.group, found)
        // A consumer that awaits nothing must not keep timers and sockets from their turn.
        await nextTurn()
      }
    }
  } finally {
    if (reader !== null) leave(session, reader, options.group)
  }
}

const nextOf = ({ closing }: Session, reader: GroupReader): OwnedRecords | null =>
  translated(closing, () => {
    reader.check()
    return reader.next()
  })

const leave = ({ closing, logger, changes }: Session, reader: GroupReader, group: string): void => {
  if (closing.aborted) return
  try {
    translated(closing, () => reader.leave())
    changes.notify()
  } catch (error) {
    logger.warn({ group, err: error }, 'the group is left when the lease ends')
  }
}

const batchOf = (
  { groups, leases, closing }: Session,
  group: string,
  { topic, partition, records, owned, memberId }: OwnedRecords,
): RecordBatch => {
  const last = records.at(-1)?.offset ?? -1n
  return {
    topic,
    partition,
    records,
    commit: async (offset = last) => {
      if (closing.aborted) return false
      const next = Number(offset < last ? offset : last) + 1
      return translated(closing, () => groups.commit(group, memberId, owned, next))
    },
    heartbeat: async () => {
      if (!closing.aborted) leases.renew()
    },
  }
}
