import type { ClusterCell } from './cluster-counts.ts'
import { ID_WORDS, idWords, traceIdAt } from './trace-id-words.ts'
import { type TraceRows, traceRows } from './trace-rows.ts'

/** One failed run as a row of numbers. Names are interned or hashed: texts stay in the store. */
export interface FailureRow {
  readonly traceId: string
  /** `nameNumber` of its revision. */
  readonly revision: number
  /** Number of its fingerprint, among those of its agent. */
  readonly fingerprint: number
  readonly score: number
  readonly atMs: number
  /** `nameNumber`s, 0 for none. */
  readonly user: number
  readonly session: number
}

export interface FailureColumns {
  readonly trace: Uint32Array
  readonly revision: Float64Array
  readonly score: Float64Array
  readonly atMs: Float64Array
  readonly user: Float64Array
  readonly session: Float64Array
  readonly fingerprint: Int32Array
  /** Number of the cell: which agent, cluster and task type. */
  readonly cell: Int32Array
  /** Where the row stands in the heap of its cell, and in that of its agent. */
  readonly cellPlace: Int32Array
  readonly agePlace: Int32Array
}

/** The failures of all agents in columns, about 80 bytes each, and which trace has which row. Rows are used again. */
export interface FailureTable {
  columns: FailureColumns
  readonly traces: TraceRows
  readonly freeRows: number[]
  /** Rows that were ever used. */
  used: number
  readonly cells: (ClusterCell | null)[]
  readonly freeCells: number[]
}

const FIRST_ROWS = 64
const GROWTH = 1.25

export const failureTable = (): FailureTable => {
  const table: FailureTable = {
    columns: columnsOf(FIRST_ROWS),
    traces: traceRows(() => table.columns.trace),
    freeRows: [],
    used: 0,
    cells: [],
    freeCells: [],
  }
  return table
}

export const failuresIn = ({ used, freeRows }: FailureTable): number => used - freeRows.length

/** A new row; its trace must not have one. */
export const addRow = (table: FailureTable, failure: FailureRow, cell: number): number => {
  const row = table.freeRows.pop() ?? table.used++
  if (row >= table.columns.cell.length) table.columns = grown(table.columns)
  const { columns } = table
  idWords(failure.traceId, columns.trace, row * ID_WORDS)
  columns.revision[row] = failure.revision
  columns.score[row] = failure.score
  columns.atMs[row] = failure.atMs
  columns.user[row] = failure.user
  columns.session[row] = failure.session
  columns.fingerprint[row] = failure.fingerprint
  columns.cell[row] = cell
  table.traces.add(row)
  return row
}

export const removeRow = (table: FailureTable, row: number): void => {
  table.traces.remove(row)
  table.freeRows.push(row)
}

export const traceIdOfRow = ({ columns }: FailureTable, row: number): string =>
  traceIdAt(columns.trace, row * ID_WORDS)

const columnsOf = (rows: number): FailureColumns => ({
  trace: new Uint32Array(rows * ID_WORDS),
  revision: new Float64Array(rows),
  score: new Float64Array(rows),
  atMs: new Float64Array(rows),
  user: new Float64Array(rows),
  session: new Float64Array(rows),
  fingerprint: new Int32Array(rows),
  cell: new Int32Array(rows),
  cellPlace: new Int32Array(rows),
  agePlace: new Int32Array(rows),
})

const grown = (old: FailureColumns): FailureColumns => {
  const fresh = columnsOf(Math.ceil(old.cell.length * GROWTH))
  for (const [name, column] of Object.entries(old) as [keyof FailureColumns, Float64Array][])
    fresh[name].set(column)
  return fresh
}
