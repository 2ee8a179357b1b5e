/**
 * One-to-one assignment of rows to columns with the largest total of `gains` (≥ 0), by the Hungarian algorithm in
 * O(n³) (Kuhn 1955; shortest augmenting paths, as Jonker and Volgenant). Answers the column per row, −1 for none.
 * A row and a column that gain nothing together are not paired.
 */
export const assignPairs = (gains: readonly (readonly number[])[]): readonly number[] => {
  const rows = gains.length
  const columns = gains.reduce((most, row) => Math.max(most, row.length), 0)
  const size = Math.max(rows, columns)
  const cost = (row: number, column: number): number => -(gains[row]?.[column] ?? 0)
  const rowOf = solve(size, cost)
  const assigned = new Array<number>(rows).fill(-1)
  for (const [column, row] of rowOf.entries())
    if (row < rows && (gains[row]?.[column] ?? 0) > 0) assigned[row] = column
  return assigned
}

/** Row per column of the cheapest perfect matching of a square matrix. */
const solve = (size: number, cost: (row: number, column: number) => number): readonly number[] => {
  const rowPotential = new Float64Array(size)
  const columnPotential = new Float64Array(size + 1)
  const rowOf = new Int32Array(size + 1).fill(-1)
  for (let row = 0; row < size; row++) {
    rowOf[size] = row
    const { end, previous } = shortestPath({ size, cost, rowPotential, columnPotential, rowOf })
    for (let column = end; column !== size; ) {
      const before = previous[column] as number
      rowOf[column] = rowOf[before] as number
      column = before
    }
  }
  return Array.from(rowOf.subarray(0, size))
}

interface Matching {
  readonly size: number
  readonly cost: (row: number, column: number) => number
  readonly rowPotential: Float64Array
  readonly columnPotential: Float64Array
  /** The virtual last column holds the row to be placed. */
  readonly rowOf: Int32Array
}

/** Dijkstra over reduced costs from the row to be placed to a free column; keeps the potentials valid. */
const shortestPath = (
  matching: Matching,
): { readonly end: number; readonly previous: Int32Array } => {
  const { size, rowOf } = matching
  const least = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
  const previous = new Int32Array(size).fill(size)
  const visited = new Uint8Array(size + 1)
  let column = size
  while (rowOf[column] !== -1) {
    visited[column] = 1
    const next = relaxFrom(matching, { column, least, previous, visited })
    movePotentials(matching, least, visited, least[next] as number)
    column = next
  }
  return { end: column, previous }
}

interface Front {
  readonly column: number
  readonly least: Float64Array
  readonly previous: Int32Array
  readonly visited: Uint8Array
}

/** Shortens the ways over the row of a column; answers the nearest column that is not visited. */
const relaxFrom = (
  { size, cost, rowPotential, columnPotential, rowOf }: Matching,
  { column, least, previous, visited }: Front,
): number => {
  const row = rowOf[column] as number
  let next = -1
  for (let to = 0; to < size; to++) {
    if (visited[to] === 1) continue
    const reduced = cost(row, to) - (rowPotential[row] as number) - (columnPotential[to] as number)
    if (reduced < (least[to] as number)) {
      least[to] = reduced
      previous[to] = column
    }
    if (next < 0 || (least[to] as number) < (least[next] as number)) next = to
  }
  return next
}

const movePotentials = (
  { size, rowPotential, columnPotential, rowOf }: Matching,
  least: Float64Array,
  visited: Uint8Array,
  delta: number,
): void => {
  for (let to = 0; to <= size; to++)
    if (visited[to] === 1) {
      const owner = rowOf[to] as number
      rowPotential[owner] = (rowPotential[owner] as number) + delta
      columnPotential[to] = (columnPotential[to] as number) - delta
    } else if (to < size) least[to] = (least[to] as number) - delta
}
