import { type ClusterCell, type ClusterCounts, hourCounts } from './cluster-counts.ts'
import { RowHeap } from './row-heap.ts'
import type { RankedWindow, WindowStore } from './window-state.ts'

/** Task types with a ranking of their own; failures of more are ranked together under the name of no task type. */
const MOST_TASK_TYPES = 200
export const OTHER_TASK_TYPES = '(other task types)'

/** The cell for failures of a cluster and a task type; made where there is none. */
export const cellOf = (
  store: WindowStore,
  window: RankedWindow,
  clusterId: string,
  asked: string | null,
): ClusterCell => {
  const isOneMore = !window.taskTypes.has(asked) && window.taskTypes.size >= MOST_TASK_TYPES
  const taskType = isOneMore ? OTHER_TASK_TYPES : asked
  const cluster = clusterOf(store, window, clusterId)
  const known = cluster.cells.get(taskType)
  if (known !== undefined) return known
  const { table } = window
  const cell: ClusterCell = {
    number: table.freeCells.pop() ?? table.cells.length,
    agent: window.agent,
    taskType,
    cluster,
    rows: new RowHeap(store.newestFirst),
    scoreUnits: 0,
    held: 0,
    key: null,
  }
  table.cells[cell.number] = cell
  cluster.cells.set(taskType, cell)
  return cell
}

const clusterOf = (store: WindowStore, window: RankedWindow, id: string): ClusterCounts => {
  const known = window.clusters.get(id)
  if (known !== undefined) return known
  const cluster: ClusterCounts = {
    id,
    number: store.nextCluster++,
    cells: new Map(),
    count: 0,
    scoreUnits: 0,
    users: 0,
    sessions: 0,
    hours: hourCounts(),
    key: null,
  }
  window.clusters.set(id, cluster)
  return cluster
}

/** One failure less in a cell; the last one takes the cell along, and the last cell its cluster. */
export const release = (window: RankedWindow, cell: ClusterCell): void => {
  cell.held--
  if (cell.held > 0) return
  const { table, clusters } = window
  table.cells[cell.number] = null
  table.freeCells.push(cell.number)
  cell.cluster.cells.delete(cell.taskType)
  if (cell.cluster.cells.size === 0) clusters.delete(cell.cluster.id)
}
