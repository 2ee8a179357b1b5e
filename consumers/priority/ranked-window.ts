import { cellOf, release } from './cluster-cells.ts'
import {
  type ClusterCell,
  type ClusterCounts,
  countHour,
  isRanked,
  unitsOf,
} from './cluster-counts.ts'
import type { CountedPairs } from './counted-pairs.ts'
import { countKind } from './failure-kinds.ts'
import { addRow, type FailureRow, type FailureTable, removeRow } from './failure-table.ts'
import { type FailureCounts, failureWindow } from './failure-window.ts'
import { rankKey } from './priority-score.ts'
import { type RankTree, rankTree } from './rank-tree.ts'
import type { RowHeap } from './row-heap.ts'
import type { RankedWindow, TaskTypeRanking, WindowStore } from './window-state.ts'

/** Takes a failure into a cluster. Its trace must not have a row. */
export const putFailure = (
  store: WindowStore,
  window: RankedWindow,
  failure: FailureRow & { readonly taskType: string | null; readonly clusterId: string },
): number => {
  const cell = cellOf(store, window, failure.clusterId, failure.taskType)
  const row = addRow(window.table, failure, cell.number)
  window.streamMs = Math.max(window.streamMs, failure.atMs)
  cell.held++
  if (failure.atMs >= window.startMs) count(window, cell, row)
  else window.waiting.push(row)
  return row
}

export const dropFailure = (window: RankedWindow, row: number): void => {
  const cell = cellOfRow(window, row)
  if (isCounted(window, row)) discount(window, cell, row)
  else window.waiting.remove(row)
  release(window, cell)
  removeRow(window.table, row)
}

/** Moves a failure to another cluster; its task type stays. */
export const moveFailure = (
  store: WindowStore,
  window: RankedWindow,
  row: number,
  clusterId: string,
): void => {
  const from = cellOfRow(window, row)
  const to = cellOf(store, window, clusterId, from.taskType)
  if (from === to) return
  const counts = isCounted(window, row)
  if (counts) discount(window, from, row)
  window.table.columns.cell[row] = to.number
  to.held++
  if (counts) count(window, to, row)
  release(window, from)
}

/** From now on only failures since `startMs` count. The window never moves back. */
export const advanceWindow = (window: RankedWindow, startMs: number): void => {
  if (startMs <= window.startMs) return
  const { atMs } = window.table.columns
  for (
    let row = window.counted.first();
    row !== undefined && (atMs[row] as number) < startMs;
    row = window.counted.first()
  ) {
    discount(window, cellOfRow(window, row), row)
    window.waiting.push(row)
  }
  window.startMs = startMs
}

/** Drops what is older than a time and counts no more. `onDrop` sees each row before it goes. */
export const evictFailures = (
  window: RankedWindow,
  beforeMs: number,
  onDrop: (row: number) => void,
): void => {
  const { atMs } = window.table.columns
  for (
    let row = window.waiting.first();
    row !== undefined && (atMs[row] as number) < beforeMs;
    row = window.waiting.first()
  ) {
    onDrop(row)
    dropFailure(window, row)
  }
}

export const cellOfRow = ({ table }: RankedWindow, row: number): ClusterCell =>
  table.cells[table.columns.cell[row] as number] as ClusterCell

/** What the priority of a cluster, or of a cell, is made of. */
export const countsOfCluster = (
  { table }: RankedWindow,
  { cells, count, scoreUnits }: ClusterCounts,
): FailureCounts => {
  let latestMs = 0
  for (const { rows } of cells.values()) latestMs = Math.max(latestMs, latestOf(table, rows))
  return { count, scoreUnits, latestMs }
}

export const countsOfCell = (
  { table }: RankedWindow,
  { rows, scoreUnits }: ClusterCell,
): FailureCounts => ({ count: rows.size(), scoreUnits, latestMs: latestOf(table, rows) })

const latestOf = ({ columns }: FailureTable, rows: RowHeap): number => {
  const row = rows.first()
  return row === undefined ? 0 : (columns.atMs[row] as number)
}

const isCounted = ({ table, startMs }: RankedWindow, row: number): boolean =>
  (table.columns.atMs[row] as number) >= startMs

const count = (window: RankedWindow, cell: ClusterCell, row: number): void => {
  window.counted.push(row)
  cell.rows.push(row)
  change(window, cell, row, 1)
}

const discount = (window: RankedWindow, cell: ClusterCell, row: number): void => {
  window.counted.remove(row)
  cell.rows.remove(row)
  change(window, cell, row, -1)
}

const change = (window: RankedWindow, cell: ClusterCell, row: number, by: 1 | -1): void => {
  const { table, pairs, kinds } = window
  const { columns } = table
  const { cluster } = cell
  const units = by * unitsOf(columns.score[row] as number)
  cell.scoreUnits += units
  cluster.scoreUnits += units
  cluster.count += by
  countHour(cluster.hours, columns.atMs[row] as number, by)
  countKind(kinds, columns.fingerprint[row] as number, by)
  cluster.users += changePair(pairs.users, cluster.number, columns.user[row] as number, by)
  cluster.sessions += changePair(pairs.sessions, cluster.number, columns.session[row] as number, by)
  window.touched.add(cluster.id)
  rankAnew(window, cell, by)
}

const changePair = (pairs: CountedPairs, cluster: number, name: number, by: 1 | -1): number => {
  if (name === 0) return 0
  return by === 1 ? Number(pairs.add(cluster, name)) : -Number(pairs.remove(cluster, name))
}

const rankAnew = (window: RankedWindow, cell: ClusterCell, by: 1 | -1): void => {
  const { cluster } = cell
  const ofType = taskTypeOf(window, cell.taskType)
  ofType.failures += by
  if (!isRanked(cluster.id)) ofType.noise += by
  else {
    replace(window.ranking, cluster, cluster.id, keyOf(window, countsOfCluster(window, cluster)))
    replace(ofType.ranking, cell, cluster.id, keyOf(window, countsOfCell(window, cell)))
  }
  if (ofType.failures === 0) window.taskTypes.delete(cell.taskType)
}

const replace = <Item extends { key: number | null }>(
  tree: RankTree<Item>,
  item: Item,
  id: string,
  key: number | null,
): void => {
  if (key === item.key) return
  if (item.key !== null) tree.remove(item.key, id)
  if (key !== null) tree.insert(key, id, item)
  item.key = key
}

/** null where nothing is counted: then it has no rank. */
const keyOf = ({ halfLifeHours }: RankedWindow, counts: FailureCounts): number | null =>
  counts.count === 0
    ? null
    : rankKey(
        { ...failureWindow.result(counts, counts.latestMs), latestMs: counts.latestMs },
        halfLifeHours,
      )

const taskTypeOf = ({ taskTypes }: RankedWindow, taskType: string | null): TaskTypeRanking => {
  const known = taskTypes.get(taskType)
  if (known !== undefined) return known
  const fresh: TaskTypeRanking = { ranking: rankTree(), failures: 0, noise: 0 }
  taskTypes.set(taskType, fresh)
  return fresh
}
