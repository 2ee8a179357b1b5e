import type { ClusterCell, ClusterCounts } from './cluster-counts.ts'
import { type CountedPairs, countedPairs } from './counted-pairs.ts'
import { type KindCounts, kindCounts } from './failure-kinds.ts'
import { type FailureTable, failureTable } from './failure-table.ts'
import { type RankTree, rankTree } from './rank-tree.ts'
import { RowHeap, type RowOrder } from './row-heap.ts'
import { ID_WORDS } from './trace-id-words.ts'

/** The ranking of one task type. */
export interface TaskTypeRanking {
  readonly ranking: RankTree<ClusterCell>
  failures: number
  noise: number
}

/**
 * The failures of an agent in the observation window, ranked. Every change takes O(log n), and what it does can be taken
 * back exactly: counts are integers, the latest failure comes from a heap. Nothing ticks: keys are free of time.
 */
export interface RankedWindow {
  readonly agent: string
  readonly halfLifeHours: number
  readonly table: FailureTable
  readonly pairs: { readonly users: CountedPairs; readonly sessions: CountedPairs }
  readonly clusters: Map<string, ClusterCounts>
  readonly ranking: RankTree<ClusterCounts>
  readonly taskTypes: Map<string | null, TaskTypeRanking>
  readonly kinds: KindCounts
  /** Rows that count, oldest first, and rows older than the window that wait to be dropped. */
  readonly counted: RowHeap
  readonly waiting: RowHeap
  /** Clusters whose figures have changed since the caller emptied it; '' is noise. */
  readonly touched: Set<string>
  /** From here on failures count. Never moves back. */
  startMs: number
  /** Newest event time. */
  streamMs: number
}

/** What the windows of several agents share. */
export interface WindowStore {
  readonly table: FailureTable
  readonly users: CountedPairs
  readonly sessions: CountedPairs
  readonly oldestFirst: RowOrder
  /** Equal times by trace id. */
  readonly newestFirst: RowOrder
  nextCluster: number
}

export const windowStore = (): WindowStore => {
  const table = failureTable()
  return {
    table,
    users: countedPairs(),
    sessions: countedPairs(),
    oldestFirst: oldestFirst(table),
    newestFirst: newestFirst(table),
    nextCluster: 0,
  }
}

const oldestFirst = (table: FailureTable): RowOrder => ({
  before: (a, b) => {
    const { atMs } = table.columns
    return (atMs[a] as number) < (atMs[b] as number)
  },
  places: () => table.columns.agePlace,
})

const newestFirst = (table: FailureTable): RowOrder => ({
  before: (a, b) => {
    const { atMs, trace } = table.columns
    const later = (atMs[a] as number) - (atMs[b] as number)
    if (later !== 0) return later > 0
    for (let word = 0; word < ID_WORDS; word++) {
      const difference =
        (trace[a * ID_WORDS + word] as number) - (trace[b * ID_WORDS + word] as number)
      if (difference !== 0) return difference < 0
    }
    return false
  },
  places: () => table.columns.cellPlace,
})

export const rankedWindow = (
  store: WindowStore,
  agent: string,
  halfLifeHours: number,
): RankedWindow => {
  const { table } = store
  return {
    agent,
    halfLifeHours,
    table,
    pairs: store,
    clusters: new Map(),
    ranking: rankTree(),
    taskTypes: new Map(),
    kinds: kindCounts(),
    counted: new RowHeap(store.oldestFirst),
    waiting: new RowHeap(store.oldestFirst),
    touched: new Set(),
    startMs: Number.NEGATIVE_INFINITY,
    streamMs: 0,
  }
}
