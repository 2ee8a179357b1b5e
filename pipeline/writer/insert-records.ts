import { createHash } from 'node:crypto'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'
import type { RecordBatch, StoredRecord } from '../event-log/event-log.ts'
import type { NativeRows, TraceStore } from '../trace-store/trace-store.ts'
import type { Poison } from './fill-insert.ts'
import type { Block } from './native/block.ts'

interface InsertContext {
  readonly store: TraceStore
  readonly table: string
  readonly batch: Pick<RecordBatch, 'heartbeat'>
  /** Holds the rows of the records; it is filled anew where the store refuses them. */
  readonly block: Block
}

/**
 * Inserts the rows of consecutive records, which are in the block, at once. Where the store refuses it, halves until what
 * it refuses is a single record, which is answered; everything else is stored.
 * @throws TransientError where the store does not answer, or refuses any row
 */
export const insertRecords = async (
  context: InsertContext,
  records: readonly StoredRecord[],
): Promise<readonly Poison[]> => {
  const { store, table, batch, block } = context
  const rows = block.rows()
  if (rows.rows === 0) return []
  try {
    await store.insert(table, rows, insertToken(records))
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    await checkTable(context, rows)
    const [only, ...others] = records
    if (only !== undefined && others.length === 0) return [{ record: only, error }]
  }
  await batch.heartbeat()
  const middle = Math.ceil(records.length / 2)
  const insertHalf = (half: readonly StoredRecord[]): Promise<readonly Poison[]> => {
    block.clear()
    for (const record of half) block.add(record)
    return insertRecords(context, half)
  }
  return [
    ...(await insertHalf(records.slice(0, middle))),
    ...(await insertHalf(records.slice(middle))),
  ]
}

/**
 * The same records, the same token. To the place belongs a digest of the content: the store goes by the token alone, and
 * a log that was made anew counts from 0 again.
 */
export const insertToken = (records: readonly StoredRecord[]): string => {
  const hash = createHash('sha256')
  for (const { value } of records) hash.update(value)
  const [first, last] = [records.at(0), records.at(-1)]
  const place = `${first?.topic}:${first?.partition}:${first?.offset}-${last?.offset}`
  return `${place}:${hash.digest('hex').slice(0, 16)}`
}

/** A table that is missing, or lacks a column, refuses every row: that is no fault of the records. */
const checkTable = async ({ store, table }: InsertContext, rows: NativeRows): Promise<void> => {
  const columns = rows.columns.map((name) => `\`${name}\``)
  try {
    await store.query(`SELECT ${columns.join(', ')} FROM ${table} LIMIT 0`)
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause
    throw new TransientError('store-unavailable', `${table} takes no rows: ${cause.detail}`, {
      cause,
    })
  }
}
