import type { ConsumeOptions, StoredRecord } from '../event-log.ts'
import { recordBytes } from '../record-size.ts'

const MAX_RECORDS = 500
const MAX_BYTES = 4 * 1024 * 1024

/** The records in runs of their order, none above the limits; a record that is larger by itself stands alone. */
export function* inPieces(
  records: readonly StoredRecord[],
  {
    maxRecords = MAX_RECORDS,
    maxBytes = MAX_BYTES,
  }: Pick<ConsumeOptions, 'maxRecords' | 'maxBytes'>,
): Generator<readonly StoredRecord[]> {
  let start = 0
  let bytes = 0
  for (const [index, record] of records.entries()) {
    const more = recordBytes(record)
    if (index > start && (index - start >= maxRecords || bytes + more > maxBytes)) {
      yield records.slice(start, index)
      start = index
      bytes = 0
    }
    bytes += more
  }
  if (start < records.length) yield records.slice(start)
}
