export interface RowOrder {
  /** A strict order of rows. It must not change for a row while that is in a heap. */
  readonly before: (a: number, b: number) => boolean
  /** Where each row stands in its heap; heaps whose rows differ may share it. */
  readonly places: () => Int32Array
}

/**
 * A binary heap of row numbers that knows where each row stands, so that any row can leave in O(log n). A class, because
 * there are many small ones: closures would take more than the rows.
 */
export class RowHeap {
  readonly #rows: number[] = []
  readonly #order: RowOrder

  constructor(order: RowOrder) {
    this.#order = order
  }

  size(): number {
    return this.#rows.length
  }

  /** The row that comes before all others; undefined where there is none. */
  first(): number | undefined {
    return this.#rows[0]
  }

  /** All rows, in no order. Valid until the next change. */
  rows(): readonly number[] {
    return this.#rows
  }

  /** The rows that come first, in order, whatever the size. */
  firstRows(most: number): number[] {
    return firstRows(this.#rows, this.#order.before, most)
  }

  push(row: number): void {
    this.#rows.push(row)
    this.#rise(row, this.#rows.length - 1)
  }

  /** Takes out a row that is in it. */
  remove(row: number): void {
    const place = this.#order.places()[row] as number
    const last = this.#rows.pop() as number
    if (last !== row && this.#rise(last, place) === place) this.#sink(last, place)
  }

  #put(row: number, place: number): void {
    this.#rows[place] = row
    this.#order.places()[row] = place
  }

  #rise(row: number, from: number): number {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#rows[above] as number
      if (!this.#order.before(row, parent)) break
      this.#put(parent, place)
      place = above
    }
    this.#put(row, place)
    return place
  }

  #sink(row: number, from: number): void {
    const rows = this.#rows
    const { before } = this.#order
    let place = from
    for (let child = 2 * place + 1; child < rows.length; child = 2 * place + 1) {
      if (child + 1 < rows.length && before(rows[child + 1] as number, rows[child] as number))
        child++
      const lower = rows[child] as number
      if (!before(lower, row)) break
      this.#put(lower, place)
      place = child
    }
    this.#put(row, place)
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
