import type { StoredRecord } from '../event-log/event-log.ts'

/**
 * Inserts end at multiples of this offset: after a restart the same records form the same inserts, whose tokens the
 * store knows, however the log cuts its batches.
 */
const BOUNDARY_OFFSETS = 5000n

/** What the records of one insert may hold. A single record is always taken. */
const MOST_BYTES = 48 * 1024 * 1024

/** Where the insert ends that begins at `start`: the index after its last record. It follows from the records alone. */
export const endOfInsert = (records: readonly StoredRecord[], start: number): number => {
  const first = records[start]?.offset ?? 0n
  let end = start
  let bytes = 0
  for (const { offset, value } of records.slice(start)) {
    bytes += value.byteLength
    const isAnother = offset / BOUNDARY_OFFSETS !== first / BOUNDARY_OFFSETS || bytes > MOST_BYTES
    if (isAnother && end > start) break
    end += 1
  }
  return end
}
