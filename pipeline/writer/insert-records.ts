import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { InvalidInputError, TransientError } from '../../schemas/errors.ts'
import type { RecordBatch, StoredRecord } from '../event-log/event-log.ts'
import type { TraceStore } from '../trace-store/trace-store.ts'
import type { Poison, Streamed, Streamer } from './native/block-stream.ts'

interface InsertContext {
  readonly store: TraceStore
  readonly table: string
  readonly batch: Pick<RecordBatch, 'heartbeat'>
  readonly streamer: Streamer
}

/** What became of records. */
interface Inserted extends Omit<Streamed, 'poison'> {
  readonly poison: readonly Poison[]
}

/**
 * Streams the rows of consecutive records into one insert; it may end before the records do, and then answers of how many
 * it was. Where the store refuses it, halves until what it refuses is a single record, which is answered; everything else
 * is stored.
 * @throws TransientError where the store does not answer, or refuses any row
 */
export const insertRecords = async (
  context: InsertContext,
  records: readonly StoredRecord[],
): Promise<Inserted> => {
  const { streamer } = context
  const { blocks, streamed, abandon } = streamer.open(records)
  const first = blocks.next()
  if (first.done === true) return streamed
  const chunks = chain(first.value, blocks)
  try {
    const { store, table } = context
    await store.insert(table, { columns: streamer.columns, chunks }, insertToken(records))
    return streamed
  } catch (error) {
    abandon()
    if (!(error instanceof InvalidInputError)) throw error
    await checkTable(context)
    const [only, ...others] = records
    if (only !== undefined && others.length === 0)
      return { ...streamed, rows: 0, poison: [{ record: only, error }] }
  }
  return insertHalves(context, records)
}

function* chain(
  first: Uint8Array,
  rest: Iterator<Uint8Array, undefined>,
): Generator<Uint8Array, void, undefined> {
  yield first
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value
}

const insertHalves = async (
  context: InsertContext,
  records: readonly StoredRecord[],
): Promise<Inserted> => {
  await context.batch.heartbeat()
  const middle = Math.ceil(records.length / 2)
  const one = await insertRecords(context, records.slice(0, middle))
  // What the first half has left over is the beginning of what follows.
  if (one.records < middle) return one
  const other = await insertRecords(context, records.slice(middle))
  const diverted = new Map(one.diverted)
  for (const [reason, count] of other.diverted)
    diverted.set(reason, (diverted.get(reason) ?? 0) + count)
  return {
    records: one.records + other.records,
    rows: one.rows + other.rows,
    poison: [...one.poison, ...other.poison],
    diverted,
  }
}

/**
 * The same records, the same token. To the place belongs a digest of the content: the store goes by the token alone, and
 * a log that was made anew counts from 0 again. Check sums, lengths and times of all records tell such logs apart, at a
 * tenth of what a digest of all bytes costs.
 */
export const insertToken = (records: readonly StoredRecord[]): string => {
  const hash = createHash('sha256')
  for (const { value, timestampMs } of records)
    hash.update(`${crc32(value)}:${value.byteLength}:${timestampMs};`)
  const [first, last] = [records.at(0), records.at(-1)]
  const place = `${first?.topic}:${first?.partition}:${first?.offset}-${last?.offset}`
  return `${place}:${hash.digest('hex').slice(0, 16)}`
}

/** A table that is missing, or lacks a column, refuses every row: that is no fault of the records. */
const checkTable = async ({ store, table, streamer }: InsertContext): Promise<void> => {
  const columns = streamer.columns.map((name) => `\`${name}\``)
  try {
    await store.query(`SELECT ${columns.join(', ')} FROM ${table} LIMIT 0`)
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause
    throw new TransientError('store-unavailable', `${table} takes no rows: ${cause.detail}`, {
      cause,
    })
  }
}
