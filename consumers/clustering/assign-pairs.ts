/**
 * One-to-one assignment of rows to columns with the largest total of `gains` (≥ 0), by the Hungarian algorithm in
 * O(a²·b), a the fewer of both (Kuhn 1955; shortest augmenting paths, as Jonker and Volgenant). Answers the column per
 * row, −1 for none. A row and a column that gain nothing together are not paired.
 */
export const assignPairs = (gains: readonly (readonly number[])[]): readonly number[] => {
  const rows = gains.length
  const columns = gains.reduce((most, row) => Math.max(most, row.length), 0)
  const gain = (row: number, column: number): number => gains[row]?.[column] ?? 0
  const assigned = new Array<number>(rows).fill(-1)
  const pair = (row: number, column: number): void => {
    if (gain(row, column) > 0) assigned[row] = column
  }
  if (rows <= columns) {
    const rowOf = solve(rows, columns, (row, column) => -gain(row, column))
    for (const [column, row] of rowOf.entries()) if (row >= 0) pair(row, column)
  } else {
    const columnOf = solve(columns, rows, (column, row) => -gain(row, column))
    for (const [row, column] of columnOf.entries()) if (column >= 0) pair(row, column)
  }
  return assigned
}

export interface Gain {
  readonly row: number
  readonly column: number
  readonly gain: number
}

/** The same for few pairs among many rows: what hangs together by gains is assigned apart from the rest. */
export const assignSparsePairs = (gains: readonly Gain[], rows: number): readonly number[] => {
  const assigned = new Array<number>(rows).fill(-1)
  for (const part of partsOf(gains.filter(({ gain }) => gain > 0))) {
    const rowNames = [...new Set(part.map(({ row }) => row))]
    const columnNames = [...new Set(part.map(({ column }) => column))]
    const rowAt = new Map(rowNames.map((row, place) => [row, place]))
    const columnAt = new Map(columnNames.map((column, place) => [column, place]))
    const table = rowNames.map(() => new Array<number>(columnNames.length).fill(0))
    for (const { row, column, gain } of part) {
      const line = table[rowAt.get(row) ?? -1]
      if (line !== undefined) line[columnAt.get(column) ?? -1] = gain
    }
    for (const [place, column] of assignPairs(table).entries())
      if (column >= 0) assigned[rowNames[place] as number] = columnNames[column] as number
  }
  return assigned
}

/** Pairs that share rows or columns, directly or over others, in order of row and column. */
const partsOf = (gains: readonly Gain[]): readonly (readonly Gain[])[] => {
  const leader = new Map<string, string>()
  const find = (name: string): string => {
    let top = name
    for (let next = leader.get(top); next !== undefined && next !== top; next = leader.get(top))
      top = next
    leader.set(name, top)
    return top
  }
  for (const { row, column } of gains) leader.set(find(`r${row}`), find(`c${column}`))
  const ordered = gains.toSorted((a, b) => a.row - b.row || a.column - b.column)
  return [...Map.groupBy(ordered, ({ row }) => find(`r${row}`)).values()]
}

/** Row per column, −1 for none, of the cheapest matching of all rows; there are at least as many columns. */
const solve = (
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
): readonly number[] => {
  const rowPotential = new Float64Array(rows)
  const columnPotential = new Float64Array(columns + 1)
  const rowOf = new Int32Array(columns + 1).fill(-1)
  for (let row = 0; row < rows; row++) {
    rowOf[columns] = row
    const { end, previous } = shortestPath({
      size: columns,
      cost,
      rowPotential,
      columnPotential,
      rowOf,
    })
    for (let column = end; column !== columns; ) {
      const before = previous[column] as number
      rowOf[column] = rowOf[before] as number
      column = before
    }
  }
  return Array.from(rowOf.subarray(0, columns))
}

interface Matching {
  /** How many columns there are. */
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
