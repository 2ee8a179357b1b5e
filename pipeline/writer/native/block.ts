import { InvalidInputError } from '../../../schemas/errors.ts'
import type { StoredRecord } from '../../event-log/event-log.ts'
import type { WireReader } from '../../otlp/wire-reader.ts'
import { wireReader } from '../../otlp/wire-reader.ts'
import type { Column } from './columns.ts'
import { markIn, nativeChunks } from './native-rows.ts'
import { type Group, readGroups } from './read-groups.ts'

/** What one record added to a block. */
export interface AddedRows {
  readonly rows: number
  /** About what they take; never less than the record. It follows from the record alone. */
  readonly bytes: number
  /** By reason: NeoSigma's own telemetry, where a Collector stands in front of the log instead of the receiver. */
  readonly diverted: ReadonlyMap<string, number>
}

/** Rows of one table on their way into an insert. */
export interface Block {
  readonly columns: readonly string[]
  readonly rowCount: number
  /** Adds the rows of a record, all of them or none. @throws InvalidInputError */
  add(record: StoredRecord): AddedRows
  /** The rows in the Native format. Valid until the next `add` or `clear`. */
  chunks(): readonly Uint8Array[]
  clear(): void
}

/** How the items of one signal become rows. */
export interface ItemReader {
  readonly columns: Readonly<Record<string, Column>>
  readonly group: Group
  /** Where a row's parts stand before the row is put: cut back for an item that is left out. */
  readonly partial: readonly Column[]
  /** Called before the items of a record. */
  readonly begin: (record: StoredRecord) => void
  /** Reads the item that follows and answers why it is NeoSigma's own. */
  readonly read: (reader: WireReader) => string | null
  /** Puts the row of the item that was read. */
  readonly put: (reader: WireReader) => void
}

/**
 * Rows repeat their resource: a small record of many near-empty spans under a large resource could fill memory and disk.
 * Real telemetry stays far below.
 */
const LARGEST_RECORD_ROWS_BYTES = 64 * 1024 * 1024
/** Of the columns that every row fills. */
const ROW_BYTES = 64
const NOTHING_DIVERTED: ReadonlyMap<string, number> = new Map()

export const block = (items: ItemReader): Block => {
  const { columns, group } = items
  const all = Object.values(columns)
  const recordMark = markIn(all.flatMap(({ spaces }) => spaces))
  const itemMark = markIn(items.partial.flatMap(({ spaces }) => spaces))
  let rows = 0
  let rowsBefore = 0

  const addItems = (record: StoredRecord): AddedRows => {
    const reader = wireReader(record.value)
    let diverted: Map<string, number> | null = null
    let bytes = record.value.byteLength
    items.begin(record)
    readGroups(reader, group, () => {
      itemMark.set()
      const read = items.read(reader)
      const origin = group.resourceOrigin ?? group.scopeOrigin ?? read
      if (origin !== null) {
        itemMark.cut()
        diverted ??= new Map()
        diverted.set(origin, (diverted.get(origin) ?? 0) + 1)
        return
      }
      bytes += repeatedBytes(group)
      if (bytes > LARGEST_RECORD_ROWS_BYTES) throw tooLarge(record)
      items.put(reader)
      rows += 1
    })
    return { rows: rows - rowsBefore, bytes, diverted: diverted ?? NOTHING_DIVERTED }
  }

  const undo = (): void => {
    recordMark.cut()
    rows = rowsBefore
  }
  return {
    columns: Object.keys(columns),
    get rowCount() {
      return rows
    },
    add: (record) => {
      recordMark.set()
      rowsBefore = rows
      try {
        return addItems(record)
      } catch (error) {
        undo()
        throw error
      }
    },
    chunks: () => nativeChunks(columns, rows),
    clear: () => {
      for (const column of all) column.clear()
      rows = 0
      rowsBefore = 0
    },
  }
}

const WORD_BYTES = 4

const repeatedBytes = ({ resource, scope, scopeName, scopeVersion }: Group): number =>
  ROW_BYTES +
  resource.values.length +
  scope.values.length +
  (resource.indexes.length + scope.indexes.length) * WORD_BYTES +
  scopeName.length +
  scopeVersion.length

const tooLarge = ({ value }: StoredRecord): InvalidInputError =>
  new InvalidInputError(
    'payload-too-large',
    `${value.byteLength} bytes would become rows of more than ${LARGEST_RECORD_ROWS_BYTES}`,
  )
