import type { NewRecord } from '../event-log.ts'
import { partitionOfKey } from '../murmur2.ts'
import { type LogFile, transact } from './log-file.ts'
import { placeOf } from './place.ts'
import type { StoredTopic, TopicTable } from './topic-table.ts'

/** Appends records in one durable transaction; the offsets of each partition are dense. */
export const recordAppender = (
  { records: db }: LogFile,
  topics: TopicTable,
  nowMs: () => number,
): ((records: readonly NewRecord[]) => void) => {
  const selectNext = db.prepare('SELECT next_offset AS next FROM partition WHERE id = ?')
  const updateNext = db.prepare('UPDATE partition SET next_offset = ? WHERE id = ?')
  const insert = db.prepare(
    'INSERT INTO record (place, key, headers, timestamp_ms, appended_ms, value) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const choosePartition = partitionChooser()

  return (records) => {
    const placed = records.map((record) => ({
      record,
      partitionId: choosePartition(topics.find(record.topic), record.key),
    }))
    const appendedMs = nowMs()
    transact(db, () => {
      const next = new Map<number, number>()
      for (const { record, partitionId } of placed) {
        const offset = next.get(partitionId) ?? Number(selectNext.get(partitionId)?.['next'])
        insert.run(
          placeOf(partitionId, offset),
          record.key,
          headersText(record.headers),
          record.timestampMs ?? appendedMs,
          appendedMs,
          record.value,
        )
        next.set(partitionId, offset + 1)
      }
      for (const [partitionId, offset] of next) updateNext.run(offset, partitionId)
    })
  }
}

const headersText = (headers: NewRecord['headers']): string | null =>
  headers === undefined || Object.keys(headers).length === 0 ? null : JSON.stringify(headers)

/** Keys by hash, records without key in turn. */
const partitionChooser = () => {
  const turns = new Map<number, number>()
  return ({ id, partitionIds }: StoredTopic, key: string | null): number => {
    const turn = turns.get(id) ?? 0
    if (key === null) turns.set(id, turn + 1)
    const number =
      key === null ? turn % partitionIds.length : partitionOfKey(key, partitionIds.length)
    return partitionIds[number] as number
  }
}
