import { createHash } from 'node:crypto'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'
import type { RecordBatch, StoredRecord } from '../event-log/event-log.ts'
import type { TraceStore } from '../trace-store/trace-store.ts'

/** A record of the log with its rows. */
export interface MappedRecord {
  readonly record: StoredRecord
  readonly rows: readonly object[]
}

/** A record that can never be stored, and why. */
export interface Poison {
  readonly record: StoredRecord
  readonly error: InvalidInputError
}

interface InsertContext {
  readonly store: TraceStore
  readonly table: string
  readonly batch: Pick<RecordBatch, 'heartbeat'>
}

/**
 * Inserts the rows of consecutive records in one block. Where the store refuses it, halves until what it refuses is a
 * single record, which is answered; everything else is stored.
 * @throws TransientError where the store does not answer, or refuses any row
 */
export const insertRecords = async (
  context: InsertContext,
  records: readonly MappedRecord[],
): Promise<readonly Poison[]> => {
  const { store, table, batch } = context
  const rows = records.flatMap((one) => one.rows)
  const [first] = rows
  if (first === undefined) return []
  try {
    await store.insert(table, rows, insertToken(records))
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    await checkTable(context, first)
    const [only, ...others] = records
    if (only !== undefined && others.length === 0) return [{ record: only.record, error }]
  }
  await batch.heartbeat()
  const middle = Math.ceil(records.length / 2)
  return [
    ...(await insertRecords(context, records.slice(0, middle))),
    ...(await insertRecords(context, records.slice(middle))),
  ]
}

/**
 * The same records, the same token. To the place belongs a digest of the content: the store goes by the token alone, and
 * a log that was made anew counts from 0 again.
 */
export const insertToken = (records: readonly MappedRecord[]): string => {
  const hash = createHash('sha256')
  for (const { record } of records) hash.update(record.value)
  const [first, last] = [records.at(0)?.record, records.at(-1)?.record]
  const place = `${first?.topic}:${first?.partition}:${first?.offset}-${last?.offset}`
  return `${place}:${hash.digest('hex').slice(0, 16)}`
}

/** A table that is missing, or lacks a column, refuses every row: that is no fault of the records. */
const checkTable = async ({ store, table }: InsertContext, row: object): Promise<void> => {
  const columns = Object.keys(row).map((name) => `\`${name}\``)
  try {
    await store.query(`SELECT ${columns.join(', ')} FROM ${table} LIMIT 0`)
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause
    throw new TransientError('store-unavailable', `${table} takes no rows: ${cause.detail}`, {
      cause,
    })
  }
}
