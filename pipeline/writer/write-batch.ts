import { InvalidInputError } from '../../schemas/errors.ts'
import { sendToDeadLetter } from '../event-log/decode-batch.ts'
import type { RecordBatch, StoredRecord } from '../event-log/event-log.ts'
import type { RoleContext } from '../service-runtime/role.ts'
import { beginsInsert, type InsertSize } from './cut-inserts.ts'
import { insertRecords, type MappedRecord, type Poison } from './insert-records.ts'
import type { RecordRows } from './record-rows.ts'
import { type Target, targetOf } from './targets.ts'

export type WriterContext = Pick<RoleContext, 'log' | 'store' | 'clock' | 'logger' | 'metrics'>

/** Consecutive records on their way into one block; it grows in place. */
interface OpenInsert extends InsertSize {
  readonly records: MappedRecord[]
  readonly poison: Poison[]
  rows: number
  bytes: number
  last: bigint
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
  const target = targetOf(batch.topic)
  const finish = async (insert: OpenInsert): Promise<boolean> => {
    await writeInsert(context, target, batch, insert)
    committed(insert.last)
    return batch.commit(insert.last)
  }
  let open: OpenInsert | null = null
  for (const record of batch.records) {
    if (after !== undefined && record.offset <= after) continue
    const next = mapRecord(context, target, record)
    if (open !== null && beginsInsert(open, next)) {
      // Whoever owns the partition now reads the rest again.
      if (!(await finish(open))) return
      await batch.heartbeat()
      open = null
    }
    if (open === null) open = next
    else join(open, next)
  }
  if (open !== null) await finish(open)
}

const join = (open: OpenInsert, next: OpenInsert): void => {
  open.last = next.last
  open.rows += next.rows
  open.bytes += next.bytes
  open.records.push(...next.records)
  open.poison.push(...next.poison)
}

const mapRecord = (
  { metrics }: WriterContext,
  { rowsOf, table }: Target,
  record: StoredRecord,
): OpenInsert => {
  const place = { offset: record.offset, last: record.offset }
  try {
    const { rows, bytes, diverted }: RecordRows = rowsOf(record)
    for (const [reason, count] of diverted)
      metrics.count('neosigma.writer.diverted', count, { table, reason })
    return { ...place, rows: rows.length, bytes, records: [{ record, rows }], poison: [] }
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return { ...place, rows: 0, bytes: 0, records: [], poison: [{ record, error }] }
  }
}

const writeInsert = async (
  context: WriterContext,
  { table }: Target,
  batch: RecordBatch,
  { records, poison, rows }: OpenInsert,
): Promise<void> => {
  const { store, clock, metrics } = context
  const startedMs = clock.nowMs()
  const refused = await insertRecords({ store, table, batch }, records)
  metrics.record('neosigma.writer.insert.ms', clock.nowMs() - startedMs, { table })
  metrics.count('neosigma.writer.rows', rows, { table })
  for (const { record, error } of [...poison, ...refused])
    await sendToDeadLetter(context, 'writer', record, error)
}
