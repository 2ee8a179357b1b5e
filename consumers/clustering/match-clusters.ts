import { assignSparsePairs, type Gain } from './assign-pairs.ts'

/** A failure at a re-clustering: where it was and where it is now. `null` is noise, or not yet there. */
export interface Move {
  readonly before: string | null
  /** Index of the new cluster. */
  readonly after: number | null
  readonly weight: number
}

export type Origin =
  | { readonly kind: 'survived'; readonly id: string }
  /** A part of `parent`, whose id stays with a larger part. */
  | { readonly kind: 'split'; readonly parent: string }
  | { readonly kind: 'emerged' }
  /** Nothing is in it. */
  | { readonly kind: 'none' }

export interface ClosedCluster {
  readonly id: string
  /** Into which surviving cluster most of it went; null where it vanished. */
  readonly into: number | null
}

export interface Lineage {
  /** Per new cluster. */
  readonly origins: readonly Origin[]
  readonly closed: readonly ClosedCluster[]
}

/** Least overlap that passes an identity on. */
const LEAST_OVERLAP = 0.5

/**
 * Who is who after a re-clustering. Overlap(new i, old j) = |i ∩ j| / min(|j still there|, |i that was there|); pairs
 * are one to one with the largest total, and keep the id from .5 on. Of equal overlaps the larger common part wins.
 * A new cluster that mostly comes from an old one, whose id went elsewhere, is a split; an old one that mostly went into
 * another is merged; what has no past emerged, and what has no future vanished. `open` are the ids that exist.
 */
export const matchClusters = (
  moves: readonly Move[],
  count: number,
  open: readonly string[],
): Lineage => {
  const table = overlapTable(moves, count, open)
  const assigned = assignSparsePairs(gainsOf(table), count)
  const origins = assigned.map((column, row): Origin => {
    const id = open[column]
    if (id !== undefined) return { kind: 'survived', id }
    const parent = mostly(table.shared[row] ?? new Map(), table.known[row] ?? 0)
    return parent === null ? { kind: 'emerged' } : { kind: 'split', parent: open[parent] as string }
  })
  const kept = new Set(origins.flatMap((origin) => (origin.kind === 'survived' ? [origin.id] : [])))
  const heirs = heirsOf(table, open.length)
  const closed = open.flatMap((id, column): readonly ClosedCluster[] =>
    kept.has(id) ? [] : [{ id, into: mostly(heirs[column] ?? new Map(), table.left[column] ?? 0) }],
  )
  // A part of an id that is gone has no parent to point to: it is new.
  return {
    origins: origins.map((origin) =>
      origin.kind === 'split' && !kept.has(origin.parent) ? { kind: 'emerged' } : origin,
    ),
    closed,
  }
}

type Weights = Map<number, number>

interface OverlapTable {
  /** Per new cluster: the weight that it shares with each old one. */
  readonly shared: readonly Weights[]
  /** Per new cluster: weight that was there before, in some cluster or noise. */
  readonly known: readonly number[]
  /** Per old cluster: weight that is still there, in whatever cluster or noise. */
  readonly left: readonly number[]
}

const overlapTable = (
  moves: readonly Move[],
  count: number,
  open: readonly string[],
): OverlapTable => {
  const columnOf = new Map(open.map((id, column) => [id, column]))
  const shared = Array.from({ length: count }, (): Weights => new Map())
  const known = new Array<number>(count).fill(0)
  const left = open.map(() => 0)
  for (const { before, after, weight } of moves) {
    const column = before === null ? undefined : columnOf.get(before)
    if (column !== undefined) left[column] = (left[column] ?? 0) + weight
    if (after === null) continue
    known[after] = (known[after] ?? 0) + weight
    const row = shared[after]
    if (column !== undefined) row?.set(column, (row.get(column) ?? 0) + weight)
  }
  return { shared, known, left }
}

/** Pairs whose overlap passes an identity on. Of equal overlaps the larger part gains more, by less than overlaps differ. */
const gainsOf = ({ shared, known, left }: OverlapTable): readonly Gain[] => {
  const total = Math.max(
    1,
    left.reduce((sum, weight) => sum + weight, 0),
  )
  return shared.flatMap((weights, row) =>
    [...weights].flatMap(([column, weight]) => {
      const overlap = weight / Math.min(left[column] ?? 0, known[row] ?? 0)
      return overlap >= LEAST_OVERLAP ? [{ row, column, gain: overlap + weight / total / 2 }] : []
    }),
  )
}

/** Per old cluster: the weight that each new one has of it. */
const heirsOf = ({ shared }: OverlapTable, columns: number): readonly Weights[] => {
  const heirs = Array.from({ length: columns }, (): Weights => new Map())
  for (const [row, weights] of shared.entries())
    for (const [column, weight] of weights) heirs[column]?.set(row, weight)
  return heirs
}

/** The place that holds at least half of the weight and most of it, the first of equals, or null. */
const mostly = (weights: ReadonlyMap<number, number>, total: number): number | null => {
  let best: number | null = null
  let most = 0
  for (const [place, weight] of weights)
    if (weight * 2 >= total && (weight > most || (weight === most && place < (best ?? place)))) {
      best = place
      most = weight
    }
  return best
}
