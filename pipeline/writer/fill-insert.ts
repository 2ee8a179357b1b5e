import { InvalidInputError } from '../../schemas/errors.ts'
import type { StoredRecord } from '../event-log/event-log.ts'
import type { Metrics } from '../service-runtime/metrics.ts'
import { endsBetween, isTooLarge } from './cut-inserts.ts'
import type { AddedRows, Block } from './native/block.ts'

/** A record that can never be stored, and why. */
export interface Poison {
  readonly record: StoredRecord
  readonly error: InvalidInputError
}

/** Consecutive records on their way into one block. */
export interface FilledInsert {
  /** Those whose rows are in the block, or that have none. */
  readonly records: readonly StoredRecord[]
  readonly poison: readonly Poison[]
  readonly rows: number
  readonly last: bigint
}

interface FillContext {
  readonly metrics: Metrics
  readonly table: string
  readonly block: Block
}

/**
 * Fills the empty block with the records from `start` on as far as one insert goes: to a boundary of offsets, or to what
 * an insert may hold. Where it ends follows from the records alone.
 */
export const fillInsert = (
  context: FillContext,
  records: readonly StoredRecord[],
  start: number,
): FilledInsert => {
  const taken: StoredRecord[] = []
  const poison: Poison[] = []
  let [rows, bytes] = [0, 0]
  const first = records[start]?.offset ?? 0n
  let last = first
  for (const record of records.slice(start)) {
    if (endsBetween(first, record.offset)) break
    const added = add(context.block, record)
    if ('error' in added) poison.push(added)
    else {
      if (rows > 0 && isTooLarge({ rows: rows + added.rows, bytes: bytes + added.bytes })) {
        context.block.undo()
        break
      }
      rows += added.rows
      bytes += added.bytes
      taken.push(record)
      countDiverted(context, added)
    }
    last = record.offset
  }
  return { records: taken, poison, rows, last }
}

const add = (block: Block, record: StoredRecord): AddedRows | Poison => {
  try {
    return block.add(record)
  } catch (error) {
    if (error instanceof InvalidInputError) return { record, error }
    throw error
  }
}

const countDiverted = ({ metrics, table }: FillContext, { diverted }: AddedRows): void => {
  for (const [reason, count] of diverted)
    metrics.count('neosigma.writer.diverted', count, { table, reason })
}
