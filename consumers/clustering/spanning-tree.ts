import type { PointSet } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

/** Edges of a minimum spanning tree in the order they were found; `lengths` are mutual reachability distances. */
export interface SpanningTree {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly lengths: Float64Array
}

/**
 * Prim's algorithm on the implicit mutual reachability graph, O(n²·d) time and O(n) memory:
 * mr(i, j) = max(core_i, core_j, d(i, j), floor). `squaredCore` and the comparisons are squared, the lengths are not.
 */
export const spanningTree = (
  points: PointSet,
  squaredCore: Float64Array,
  floor: number,
): SpanningTree => {
  const { count } = points
  const edges = Math.max(0, count - 1)
  const tree = {
    from: new Int32Array(edges),
    to: new Int32Array(edges),
    lengths: new Float64Array(edges),
  }
  const best = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  const nearest = new Int32Array(count)
  const open = Int32Array.from({ length: count }, (_, row) => row)
  let current = 0
  for (let edge = 0, left = count; edge < edges; edge++) {
    left = close(open, left, current)
    const next = relax({ points, squaredCore, best, nearest }, open.subarray(0, left), current)
    tree.from[edge] = nearest[next] as number
    tree.to[edge] = next
    tree.lengths[edge] = Math.max(Math.sqrt(best[next] as number), floor)
    current = next
  }
  return tree
}

/** Takes a row off the list of open rows, keeping its ascending order. */
const close = (open: Int32Array, left: number, row: number): number => {
  const place = open.subarray(0, left).indexOf(row)
  open.copyWithin(place, place + 1, left)
  return left - 1
}

interface Search {
  readonly points: PointSet
  readonly squaredCore: Float64Array
  readonly best: Float64Array
  readonly nearest: Int32Array
}

/** Shortens the ways to the open rows by way of `current`; answers the nearest open row. */
const relax = (
  { points, squaredCore, best, nearest }: Search,
  open: Int32Array,
  current: number,
): number => {
  const ownCore = squaredCore[current] as number
  let next = -1
  let least = Number.POSITIVE_INFINITY
  for (const row of open) {
    const cores = Math.max(ownCore, squaredCore[row] as number)
    // The distance can only lengthen the way: it need not be known when the cores alone are no better.
    if (cores < (best[row] as number)) {
      const reach = Math.max(cores, squaredDistance(points.values, current, points, row))
      if (reach < (best[row] as number)) {
        best[row] = reach
        nearest[row] = current
      }
    }
    if (next < 0 || (best[row] as number) < least) {
      next = row
      least = best[row] as number
    }
  }
  return next
}
