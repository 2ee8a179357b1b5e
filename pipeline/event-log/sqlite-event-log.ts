import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type AppendQueue, openAppendQueue } from './append-queue.ts'
import type { EventLog, EventLogServices, NewRecord, StoredRecord } from './event-log.ts'
import { recordBytes } from './record-size.ts'
import { recordAppender } from './sqlite/append-records.ts'
import { openChangeSignal } from './sqlite/change-signal.ts'
import { consumeGroup } from './sqlite/consume-group.ts'
import { openGroupTable } from './sqlite/group-table.ts'
import { lagReader } from './sqlite/lag-table.ts'
import { openLeases } from './sqlite/leases.ts'
import { type LogFile, openLogFile } from './sqlite/log-file.ts'
import { openPartitionReader } from './sqlite/read-records.ts'
import { openRetention } from './sqlite/retention.ts'
import { type Session, translated } from './sqlite/session.ts'
import { openTopicTable } from './sqlite/topic-table.ts'

export interface SqliteEventLogSettings {
  readonly dataDir: string
  /** Quota of the file; beyond it appends answer `log-full`, consumers go on. */
  readonly maxBytes: number
}

const FILE = 'event-log.sqlite'
/** What one durable write takes together, and one page of reading. */
const PAGE_BYTES = 4 * 1024 * 1024
const PAGE_RECORDS = 500

/**
 * The event log in one SQLite file, which several processes of one machine may open.
 * @throws ConfigError `data-folder-unusable`, `store-newer`
 */
export const openSqliteEventLog = (
  { dataDir, maxBytes }: SqliteEventLogSettings,
  services: EventLogServices,
): EventLog => {
  const file = openLogFile(join(dataDir, FILE), maxBytes)
  const closing = new AbortController()
  const session = openSession(file, services, closing.signal)
  const { topics } = session
  const queue = openQueue(file, session, services)
  const retention = openRetention(file, services)
  const lagOf = lagReader(file)
  const run = <Result>(work: () => Result): Result => translated(closing.signal, work)
  let closed: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await queue.close()
    session.leases.close()
    closing.abort()
    await retention.close()
    session.changes.close()
    file.close()
  }
  return {
    createTopics: async (specs) => run(() => topics.create(specs)),
    describeTopics: async (names) => run(() => topics.describe(names)),
    append: (records) => queue.append(records),
    consume: (options) => consumeGroup(session, options),
    readAll: (topic) => readTopic(session, topic),
    partitionsOf: async (topic) => run(() => topics.find(topic).partitionIds.length),
    lag: async (group) => run(() => lagOf(group)),
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

const openSession = (
  file: LogFile,
  { logger }: EventLogServices,
  closing: AbortSignal,
): Session => {
  const groups = openGroupTable(file)
  return {
    topics: openTopicTable(file),
    groups,
    leases: openLeases(groups, logger),
    reader: openPartitionReader(file),
    changes: openChangeSignal(file),
    logger,
    closing,
  }
}

const openQueue = (
  file: LogFile,
  { topics, changes, closing }: Session,
  { clock, metrics }: EventLogServices,
): AppendQueue => {
  const appendTogether = recordAppender(file, topics, () => clock.nowMs())
  const flush = (records: readonly NewRecord[]): void => {
    translated(closing, () => appendTogether(records))
    changes.notify()
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0)
    metrics.count('neosigma.log.appended.records', records.length)
    metrics.count('neosigma.log.appended.bytes', bytes)
  }
  return openAppendQueue(flush, PAGE_BYTES)
}

async function* readTopic(
  { topics, reader, closing }: Session,
  name: string,
): AsyncGenerator<StoredRecord> {
  const topic = translated(closing, () => topics.find(name))
  const ends = translated(closing, () => reader.endsOf([topic]))
  for (const [partition, partitionId] of topic.partitionIds.entries()) {
    const endOffset = ends.get(partitionId) ?? 0
    const page = { topic: name, partition, partitionId, endOffset }
    const limits = { maxRecords: PAGE_RECORDS, maxBytes: PAGE_BYTES }
    for (let fromOffset = 0; fromOffset < endOffset; ) {
      const place = { ...page, ...limits, fromOffset }
      const records = translated(closing, () => reader.read(place))
      yield* records
      const last = records.at(-1)
      fromOffset = last === undefined ? endOffset : Number(last.offset) + 1
      await nextTurn()
    }
  }
}
