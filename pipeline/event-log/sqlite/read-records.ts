import type { StoredRecord } from '../event-log.ts'
import type { LogFile } from './log-file.ts'
import { offsetOf, placeOf } from './place.ts'

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

/** Reads a page of a partition in order of offset. No statement stays open: an open reader would let the WAL grow. */
export const recordReader = ({ state }: LogFile): ((range: ReadRange) => readonly StoredRecord[]) => {
  const select = state.prepare(
    `SELECT place, key, headers, timestamp_ms AS timestampMs, value FROM record
     WHERE place >= ? AND place < ? ORDER BY place LIMIT ?`,
  )
  return ({ topic, partition, partitionId, fromOffset, endOffset, maxRecords, maxBytes }) => {
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
  }
}

interface RecordRow {
  readonly place: number
  readonly key: string | null
  readonly headers: string | null
  readonly timestampMs: number
  readonly value: Uint8Array
}
