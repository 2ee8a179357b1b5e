/** A binary heap of row numbers that knows where each row stands, so that any row can leave in O(log n). */
export interface RowHeap {
  readonly size: () => number
  /** The row that comes before all others; undefined where there is none. */
  readonly first: () => number | undefined
  readonly push: (row: number) => void
  /** Takes out a row that is in it. */
  readonly remove: (row: number) => void
  /** The rows that come first, in order: O(k log k), whatever the size. */
  readonly firstRows: (most: number) => number[]
  /** All rows, in no order. Valid until the next change. */
  readonly rows: () => readonly number[]
}

export interface RowOrder {
  /** A strict order of rows. It must not change for a row while that is in a heap. */
  readonly before: (a: number, b: number) => boolean
  /** Where each row stands in its heap; heaps whose rows differ may share it. */
  readonly places: () => Int32Array
}

export const rowHeap = ({ before, places }: RowOrder): RowHeap => {
  const rows: number[] = []
  const put = (row: number, place: number): void => {
    rows[place] = row
    places()[row] = place
  }
  const rise = (row: number, from: number): number => {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = rows[above] as number
      if (!before(row, parent)) break
      put(parent, place)
      place = above
    }
    put(row, place)
    return place
  }
  const sink = (row: number, from: number): void => {
    let place = from
    for (let child = 2 * place + 1; child < rows.length; child = 2 * place + 1) {
      if (child + 1 < rows.length && before(rows[child + 1] as number, rows[child] as number))
        child++
      const lower = rows[child] as number
      if (!before(lower, row)) break
      put(lower, place)
      place = child
    }
    put(row, place)
  }
  return {
    size: () => rows.length,
    first: () => rows[0],
    push: (row) => {
      rows.push(row)
      rise(row, rows.length - 1)
    },
    remove: (row) => {
      const place = places()[row] as number
      const last = rows.pop() as number
      if (last === row) return
      if (rise(last, place) === place) sink(last, place)
    },
    firstRows: (most) => firstRows(rows, before, most),
    rows: () => rows,
  }
}

/** Goes down from the root along what comes first; only the children of what was taken can come next. */
const firstRows = (rows: readonly number[], before: RowOrder['before'], most: number): number[] => {
  const taken: number[] = []
  const open = rows.length === 0 ? [] : [0]
  while (open.length > 0 && taken.length < most) {
    let best = 0
    for (let one = 1; one < open.length; one++)
      if (before(rows[open[one] as number] as number, rows[open[best] as number] as number))
        best = one
    const place = open[best] as number
    open[best] = open.at(-1) as number
    open.pop()
    taken.push(rows[place] as number)
    for (const child of [2 * place + 1, 2 * place + 2]) if (child < rows.length) open.push(child)
  }
  return taken
}
