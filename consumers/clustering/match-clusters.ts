import { assignPairs } from './assign-pairs.ts'

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
 * Who is who after a re-clustering. Overlap(new i, old j) = |i ∩ j| / min(|j still there|, |i without arrivals|); pairs
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
  const assigned = assignPairs(table.gains)
  const origins = assigned.map((column, row): Origin => {
    const id = open[column]
    if (id !== undefined && (table.overlap[row]?.[column] ?? 0) >= LEAST_OVERLAP)
      return { kind: 'survived', id }
    const parent = mostly(table.shared[row] ?? [], table.known[row] ?? 0)
    return parent === null ? { kind: 'emerged' } : { kind: 'split', parent: open[parent] as string }
  })
  const kept = new Set(origins.flatMap((origin) => (origin.kind === 'survived' ? [origin.id] : [])))
  const closed = open.flatMap((id, column): readonly ClosedCluster[] =>
    kept.has(id)
      ? []
      : [
          {
            id,
            into: mostly(
              table.shared.map((row) => row[column] ?? 0),
              table.left[column] ?? 0,
            ),
          },
        ],
  )
  // A part of an id that is gone has no parent to point to: it is new.
  return {
    origins: origins.map((origin) =>
      origin.kind === 'split' && !kept.has(origin.parent) ? { kind: 'emerged' } : origin,
    ),
    closed,
  }
}

interface OverlapTable {
  /** Weight that new cluster (row) and old cluster (column) share. */
  readonly shared: readonly (readonly number[])[]
  readonly overlap: readonly (readonly number[])[]
  readonly gains: readonly (readonly number[])[]
  /** Per new cluster: weight that was in some cluster or noise before. */
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
  const shared = Array.from({ length: count }, () => open.map(() => 0))
  const known = new Array<number>(count).fill(0)
  const left = open.map(() => 0)
  for (const { before, after, weight } of moves) {
    const column = before === null ? undefined : columnOf.get(before)
    if (column !== undefined) left[column] = (left[column] ?? 0) + weight
    if (after === null || column === undefined) continue
    known[after] = (known[after] ?? 0) + weight
    const row = shared[after] as number[]
    row[column] = (row[column] ?? 0) + weight
  }
  const total = Math.max(
    1,
    left.reduce((sum, weight) => sum + weight, 0),
  )
  const overlap = shared.map((row, i) =>
    row.map((weight, j) => (weight === 0 ? 0 : weight / Math.min(left[j] ?? 0, known[i] ?? 0))),
  )
  // Of equal overlaps the larger part: less than any difference between two overlaps that could matter.
  const gains = overlap.map((row, i) =>
    row.map((value, j) => (value >= LEAST_OVERLAP ? value + (shared[i]?.[j] ?? 0) / total / 2 : 0)),
  )
  return { shared, overlap, gains, known, left }
}

/** The place that holds at least half of the weight and most of it, or null. */
const mostly = (weights: readonly number[], total: number): number | null => {
  let best: number | null = null
  for (const [place, weight] of weights.entries())
    if (weight > 0 && weight * 2 >= total && weight > (best === null ? 0 : (weights[best] ?? 0)))
      best = place
  return best
}
