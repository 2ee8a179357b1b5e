import type { NewRecord } from '../event-log.ts'
import { recordBytes } from '../record-size.ts'

const REQUEST_BYTES = 1024 * 1024
/** What Kafka adds to a batch, and to a record beyond key, value and headers, generously. */
const BATCH_OVERHEAD_BYTES = 100
const RECORD_OVERHEAD_BYTES = 100

/**
 * The records in runs of their order, one for each request. What a run holds of one topic may become one batch, so it
 * stays within the batch that the topic takes; a record that is larger by itself goes alone, for the broker to judge.
 */
export function* inRequests(
  records: readonly NewRecord[],
  maxBatchBytes: (topic: string) => number,
): Generator<readonly NewRecord[]> {
  let start = 0
  let bytes = 0
  let batches = new Map<string, number>()
  for (const [index, record] of records.entries()) {
    const { topic } = record
    const more = recordBytes(record) + RECORD_OVERHEAD_BYTES
    const grown = new Map(batches).set(topic, (batches.get(topic) ?? BATCH_OVERHEAD_BYTES) + more)
    const isTooMuch =
      bytes + more > REQUEST_BYTES ||
      [...grown].some(([name, batchBytes]) => batchBytes > maxBatchBytes(name))
    if (isTooMuch && index > start) {
      yield records.slice(start, index)
      start = index
      bytes = 0
      batches = new Map([[topic, BATCH_OVERHEAD_BYTES + more]])
    } else batches = grown
    bytes += more
  }
  if (start < records.length) yield records.slice(start)
}
