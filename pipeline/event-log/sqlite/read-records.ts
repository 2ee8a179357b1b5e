import type { StoredRecord } from '../event-log.ts'
import type { LogFile } from './log-file.ts'
import { offsetOf, placeOf } from './place.ts'
import type { StoredTopic } from './topic-table.ts'

export interface ReadRange {
  readonly topic: string
  readonly partition: number
  readonly partitionId: number
  readonly fromOffset: number
  /** Exclusive. */
  readonly endOffset: number
  readonly maxRecords: number
  /** The first record is read whatever its size. */
  readonly maxBytes: number
}

export interface PartitionReader {
  /** A page of a partition in order of offset. No statement stays open: an open reader would let the WAL grow. */
  read(range: ReadRange): readonly StoredRecord[]
  /** The next offset to be written, by partition id. */
  endsOf(topics: readonly StoredTopic[]): ReadonlyMap<number, number>
}

export const openPartitionReader = ({ state }: LogFile): PartitionReader => {
  const select = state.prepare(
    `SELECT place, key, headers, timestamp_ms AS timestampMs, value FROM record
     WHERE place >= ? AND place < ? ORDER BY place LIMIT ?`,
  )
  const selectEnds = state.prepare(
    'SELECT id, next_offset AS end FROM partition WHERE topic_id = ?',
  )
  return {
    read: ({ topic, partition, partitionId, fromOffset, endOffset, maxRecords, maxBytes }) => {
      const records: StoredRecord[] = []
      let bytes = 0
      const from = placeOf(partitionId, fromOffset)
      for (const row of select.iterate(from, placeOf(partitionId, endOffset), maxRecords)) {
        const { place, key, headers, timestampMs, value } = row as unknown as RecordRow
        bytes += value.byteLength
        if (records.length > 0 && bytes > maxBytes) break
        records.push({
          topic,
          partition,
          offset: BigInt(offsetOf(place)),
          key,
          value,
          headers: headers === null ? {} : (JSON.parse(headers) as Record<string, string>),
          timestampMs,
        })
      }
      return records
    },
    endsOf: (topics) =>
      new Map(
        topics
          .flatMap(({ id }) => selectEnds.all(id))
          .map((row) => [Number(row['id']), Number(row['end'])]),
      ),
  }
}

interface RecordRow {
  readonly place: number
  readonly key: string | null
  readonly headers: string | null
  readonly timestampMs: number
  readonly value: Uint8Array
}
