import type { MinimumForest } from './minimum-forest.ts'

/**
 * The rows so that every part of the hierarchy is a run of them. Between two rows the longest edge of the way that joins
 * them is the largest of the gaps from the one to the other. Where there is no way the gap is infinite. The larger part
 * comes first, so that what joins a cluster late stands behind it.
 */
export const leafOrder = (
  { edges: { from, to, squares }, count }: MinimumForest,
  rows: number,
): { readonly order: Int32Array; readonly gaps: Float64Array } => {
  const next = new Int32Array(rows).fill(-1)
  const after = new Float64Array(rows).fill(Number.POSITIVE_INFINITY)
  // Of each run: its last row, at its first; above each row, at last the first of its run.
  const last = new Int32Array(rows)
  const above = new Int32Array(rows)
  const size = new Int32Array(rows).fill(1)
  for (let row = 0; row < rows; row++) {
    last[row] = row
    above[row] = row
  }
  for (let edge = 0; edge < count; edge++) {
    const one = firstOf(above, from[edge] as number)
    const other = firstOf(above, to[edge] as number)
    const isLarger = (size[one] as number) >= (size[other] as number)
    const left = isLarger ? one : other
    const right = isLarger ? other : one
    const end = last[left] as number
    next[end] = right
    after[end] = squares[edge] as number
    last[left] = last[right] as number
    above[right] = left
    size[left] = (size[left] as number) + (size[right] as number)
  }
  const order = new Int32Array(rows)
  const gaps = new Float64Array(rows)
  let place = 0
  for (let first = 0; first < rows; first++) {
    if (above[first] !== first) continue
    for (let row = first; row >= 0; row = next[row] as number) {
      order[place] = row
      gaps[place++] = after[row] as number
    }
  }
  gaps[rows - 1] = 0
  return { order, gaps }
}

const firstOf = (above: Int32Array, row: number): number => {
  let at = row
  while (above[at] !== at) {
    above[at] = above[above[at] as number] as number
    at = above[at] as number
  }
  return at
}
