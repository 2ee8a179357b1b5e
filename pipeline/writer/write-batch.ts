import { sendToDeadLetter } from '../event-log/decode-batch.ts'
import type { RecordBatch, StoredRecord } from '../event-log/event-log.ts'
import type { RoleContext } from '../service-runtime/role.ts'
import { endOfInsert } from './cut-inserts.ts'
import { insertRecords } from './insert-records.ts'
import type { Streamer } from './native/block-stream.ts'
import { targetOf } from './targets.ts'

export interface WriterContext
  extends Pick<RoleContext, 'log' | 'store' | 'clock' | 'logger' | 'metrics'> {
  /** Of a topic, made once: its memory is used again and again. One batch is written at a time. */
  readonly streamerOf: (topic: string) => Streamer
}

/**
 * Writes what follows `after` in a batch, insert by insert. After each one its dead letters are stored and its offset is
 * committed, in this order: a crash in between repeats the insert, which its token and the tables' keys make harmless.
 * `committed` hears each commit, so that a later attempt at the same batch goes on from there.
 */
export const writeBatch = async (
  context: WriterContext,
  batch: RecordBatch,
  after: bigint | undefined,
  committed: (offset: bigint) => void,
): Promise<void> => {
  const records =
    after === undefined ? batch.records : batch.records.filter(({ offset }) => offset > after)
  for (let start = 0; start < records.length; ) {
    const end = endOfInsert(records, start)
    start += await writeInsert(context, batch, records.slice(start, end))
    const { offset } = records[start - 1] ?? {}
    if (offset === undefined) return
    committed(offset)
    // Whoever owns the partition now reads the rest again.
    if (!(await batch.commit(offset))) return
    if (start < records.length) await batch.heartbeat()
  }
}

/** Answers how many of the records are done with. */
const writeInsert = async (
  context: WriterContext,
  batch: RecordBatch,
  records: readonly StoredRecord[],
): Promise<number> => {
  const { clock, metrics, streamerOf } = context
  const { table } = targetOf(batch.topic)
  const streamer = streamerOf(batch.topic)
  const startedMs = clock.nowMs()
  const inserted = await insertRecords({ ...context, batch, table, streamer }, records)
  metrics.record('neosigma.writer.insert.ms', clock.nowMs() - startedMs, { table })
  metrics.count('neosigma.writer.rows', inserted.rows, { table })
  for (const [reason, count] of inserted.diverted)
    metrics.count('neosigma.writer.diverted', count, { table, reason })
  for (const { record, error } of inserted.poison)
    await sendToDeadLetter(context, 'writer', record, error)
  return inserted.records
}
