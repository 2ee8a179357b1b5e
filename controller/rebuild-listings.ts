import { randomUUID } from 'node:crypto'
import type { StoredRecord } from '../pipeline/event-log/event-log.ts'
import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import { decodeEvent } from '../schemas/cloud-event.ts'
import { type CycleRow, nextRow } from '../schemas/cycle-listing.ts'
import { InvalidInputError } from '../schemas/errors.ts'
import { type EventTopic, TOPICS } from '../schemas/topics.ts'
import { cycleTableRow, decisionTableRow, evaluationTableRow } from './projection-rows.ts'

export const LISTINGS = ['cycles', 'evaluations', 'decisions'] as const
export type Listing = (typeof LISTINGS)[number]

/** How far one listing is: records read of its topic, and rows written. */
export interface RebuildProgress {
  readonly listing: Listing
  readonly records: number
  readonly rows: number
  readonly done: boolean
}

type RebuildContext = Pick<RoleContext, 'log' | 'store' | 'logger'>

const BLOCK_ROWS = 1000
/** A table that a rebuild left behind when its process died goes after so long. */
const LEFT_BEHIND_HOURS = 24

/**
 * Makes a listing anew from its topic, in a table beside the one in use; then the two change places in one step. What came
 * meanwhile went to the table that is thrown away: it is read once more, so the listing is whole whether the controller
 * runs or not. Rows that do not follow from the topic are gone.
 */
export async function* rebuildListing(
  context: RebuildContext,
  listing: Listing,
): AsyncGenerator<RebuildProgress> {
  const { store, logger } = context
  const table = `neosigma_${listing}`
  const beside = `${table}_rebuild_${randomUUID().replaceAll('-', '')}`
  await dropLeftBehind(context, table)
  await store.command(`CREATE TABLE ${beside} AS ${table}`)
  const reader = readerOf(context, listing)
  const progress = (done: boolean): RebuildProgress => ({ listing, ...reader.counts(), done })
  try {
    for await (const rows of reader.read()) {
      await write(context, beside, rows)
      yield progress(false)
    }
    await store.command(`EXCHANGE TABLES ${table} AND ${beside}`)
    for await (const rows of reader.read()) await write(context, table, rows)
    logger.info({ listing, ...reader.counts() }, 'listing rebuilt from its topic')
    yield progress(true)
  } finally {
    await store.command(`DROP TABLE IF EXISTS ${beside}`)
  }
}

/** A token of its own: the same rows may have been inserted before, and count as repeated then. */
const write = ({ store }: RebuildContext, table: string, rows: readonly object[]): Promise<void> =>
  store.insert(table, rows, `rebuild/${randomUUID()}`)

const dropLeftBehind = async ({ store }: RebuildContext, table: string): Promise<void> => {
  const left = await store.query<{ readonly name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix: String})
AND metadata_modification_time < now() - INTERVAL ${LEFT_BEHIND_HOURS} HOUR`,
    { prefix: `${table}_rebuild_` },
  )
  for (const { name } of left) await store.command(`DROP TABLE IF EXISTS ${name}`)
}

interface TopicReader {
  /** Blocks of rows of what was not read before, up to the present end. */
  read(): AsyncGenerator<readonly object[]>
  counts(): { readonly records: number; readonly rows: number }
}

const readerOf = (context: RebuildContext, listing: Listing): TopicReader => {
  switch (listing) {
    case 'cycles':
      return cycleReader(context)
    case 'evaluations':
      return rowReader(context, TOPICS.evaluations, ({ event }) => evaluationTableRow(event))
    case 'decisions':
      return rowReader(context, TOPICS.decisions, ({ event, record }) =>
        decisionTableRow(event, record.offset),
      )
  }
}

interface Decoded<Event> {
  readonly event: Event
  readonly record: StoredRecord
}

/** The events of a topic that come after the place in `seen`, which moves on; what does not decode is a dead letter. */
async function* newEvents<Schema extends EventTopic['schema']>(
  { log }: RebuildContext,
  topic: EventTopic<Schema>,
  seen: Map<number, bigint>,
): AsyncGenerator<Decoded<ReturnType<typeof decodeEvent<Schema>>>> {
  for await (const record of log.readAll(topic.name)) {
    if (record.offset <= (seen.get(record.partition) ?? -1n)) continue
    seen.set(record.partition, record.offset)
    try {
      yield { event: decodeEvent(topic, record), record }
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
    }
  }
}

/** One row for each event. */
const rowReader = <Schema extends EventTopic['schema']>(
  context: RebuildContext,
  topic: EventTopic<Schema>,
  rowOf: (decoded: Decoded<ReturnType<typeof decodeEvent<Schema>>>) => object,
): TopicReader => {
  const seen = new Map<number, bigint>()
  let records = 0
  return {
    counts: () => ({ records, rows: records }),
    read: async function* () {
      let block: object[] = []
      for await (const decoded of newEvents(context, topic, seen)) {
        records += 1
        block.push(rowOf(decoded))
        if (block.length < BLOCK_ROWS) continue
        yield block
        block = []
      }
      if (block.length > 0) yield block
    },
  }
}

/** One row for each cycle, of all its events. */
const cycleReader = (context: RebuildContext): TopicReader => {
  const seen = new Map<number, bigint>()
  const rows = new Map<string, CycleRow>()
  let records = 0
  return {
    counts: () => ({ records, rows: rows.size }),
    read: async function* () {
      const touched = new Map<string, bigint>()
      for await (const { event, record } of newEvents(context, TOPICS.cycleEvents, seen)) {
        records += 1
        const row = nextRow(rows.get(event.cycleId) ?? null, event)
        if (row === null) continue
        rows.set(event.cycleId, row)
        touched.set(event.cycleId, record.offset)
      }
      const written = [...touched].flatMap(([id, offset]) => {
        const row = rows.get(id)
        return row === undefined ? [] : [cycleTableRow(row, offset)]
      })
      for (let start = 0; start < written.length; start += BLOCK_ROWS)
        yield written.slice(start, start + BLOCK_ROWS)
    },
  }
}
