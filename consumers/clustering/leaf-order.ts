import type { MinimumForest } from './minimum-forest.ts'

export interface LeafOrder {
  readonly order: Int32Array
  /** Squared, by row: between it and the row that comes after it. */
  readonly gaps: Float64Array
}

/**
 * The rows so that every part of the hierarchy is a run of them. Between two rows the longest edge of the way that joins
 * them is the largest of the gaps from the one to the other. Where there is no way the gap is infinite. The larger part
 * comes first, so that what joins a cluster late stands behind it.
 */
export const leafOrder = (
  { edges: { from, to, squares }, count }: MinimumForest,
  rows: number,
): LeafOrder => {
  const next = new Int32Array(rows).fill(-1)
  const gaps = new Float64Array(rows).fill(Number.POSITIVE_INFINITY)
  // Of a run: at its first row how many there are, below zero; at the others a row nearer to the first.
  const above = new Int32Array(rows).fill(-1)
  // Of each run: its last row, at its first.
  const last = new Int32Array(rows)
  for (let row = 0; row < rows; row++) last[row] = row
  for (let edge = 0; edge < count; edge++) {
    const one = firstOf(above, from[edge] as number)
    const other = firstOf(above, to[edge] as number)
    const isLarger = (above[one] as number) <= (above[other] as number)
    const left = isLarger ? one : other
    const right = isLarger ? other : one
    const end = last[left] as number
    next[end] = right
    gaps[end] = squares[edge] as number
    last[left] = last[right] as number
    above[left] = (above[left] as number) + (above[right] as number)
    above[right] = left
  }
  // The ends of the runs are known no longer than needed: their place is taken by the order.
  const order = last
  let place = 0
  for (let first = 0; first < rows; first++) {
    if ((above[first] as number) >= 0) continue
    for (let row = first; row >= 0; row = next[row] as number) order[place++] = row
  }
  if (rows > 0) gaps[order[rows - 1] as number] = 0
  return { order, gaps }
}

const firstOf = (above: Int32Array, row: number): number => {
  let at = row
  while ((above[at] as number) >= 0) {
    const up = above[at] as number
    if ((above[up] as number) >= 0) above[at] = above[up] as number
    at = up
  }
  return at
}
