import { sendToDeadLetter } from '../event-log/decode-batch.ts'
import type { RecordBatch } from '../event-log/event-log.ts'
import type { RoleContext } from '../service-runtime/role.ts'
import { type FilledInsert, fillInsert } from './fill-insert.ts'
import { insertRecords } from './insert-records.ts'
import type { Block } from './native/block.ts'
import { targetOf } from './targets.ts'

export interface WriterContext
  extends Pick<RoleContext, 'log' | 'store' | 'clock' | 'logger' | 'metrics'> {
  /** The block of a topic, made once: its memory is used again and again. One batch is written at a time. */
  readonly blockOf: (topic: string) => Block
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
  const { table } = targetOf(batch.topic)
  const { metrics, blockOf } = context
  const block = blockOf(batch.topic)
  const records =
    after === undefined ? batch.records : batch.records.filter(({ offset }) => offset > after)
  for (let start = 0; start < records.length; ) {
    block.clear()
    const insert = fillInsert({ metrics, table, block }, records, start)
    await writeInsert({ ...context, batch, table, block }, insert)
    committed(insert.last)
    // Whoever owns the partition now reads the rest again.
    if (!(await batch.commit(insert.last))) return
    block.clear()
    start += insert.records.length + insert.poison.length
    if (start < records.length) await batch.heartbeat()
  }
}

interface InsertContext extends WriterContext {
  readonly batch: RecordBatch
  readonly table: string
  readonly block: Block
}

const writeInsert = async (
  context: InsertContext,
  { records, poison, rows }: FilledInsert,
): Promise<void> => {
  const { clock, metrics, table } = context
  const startedMs = clock.nowMs()
  const refused = await insertRecords(context, records)
  metrics.record('neosigma.writer.insert.ms', clock.nowMs() - startedMs, { table })
  metrics.count('neosigma.writer.rows', rows, { table })
  for (const { record, error } of [...poison, ...refused])
    await sendToDeadLetter(context, 'writer', record, error)
}
