import { type PointSet, weightAt } from '../../consumers/clustering/prepare-points.ts'
import type { SpanningTree } from '../../consumers/clustering/spanning-tree.ts'
import { squaredDistance } from '../../consumers/clustering/squared-distance.ts'

export interface PlainTree {
  readonly squaredCore: Float64Array
  readonly edges: SpanningTree
}

/**
 * Core distances by sorting and Prim's algorithm from row 0 over all pairs, without a sieve. Equal edges stand in the
 * order in which the tree grew, or the reverse: what other implementations make of ties.
 */
export const primTree = (
  points: PointSet,
  weights: Float64Array | null,
  minSamples: number,
  order: 'ascending' | 'descending' = 'ascending',
): PlainTree => {
  const { count } = points
  const squaredCore = Float64Array.from({ length: count }, (_, row) =>
    squaredCoreOf(points, weights, minSamples, row),
  )
  const grown = grow(points, squaredCore)
  if (order === 'descending') grown.reverse()
  grown.sort((a, b) => a.length - b.length)
  return {
    squaredCore,
    edges: {
      from: Int32Array.from(grown, ({ from }) => from),
      to: Int32Array.from(grown, ({ to }) => to),
      lengths: Float64Array.from(grown, ({ length }) => length),
    },
  }
}

interface Edge {
  readonly from: number
  readonly to: number
  readonly length: number
}

const grow = (points: PointSet, squaredCore: Float64Array): Edge[] => {
  const grown: Edge[] = []
  const best = squaredCore.map(() => Number.POSITIVE_INFINITY)
  const nearest = new Int32Array(points.count)
  const open = new Set(squaredCore.keys())
  open.delete(0)
  const reachOf = (a: number, b: number): number =>
    Math.max(squaredCore[a] ?? 0, squaredCore[b] ?? 0, squaredDistance(points, a, points, b))
  for (let current = 0; open.size > 0; ) {
    for (const row of open) {
      const reach = reachOf(current, row)
      if (reach >= (best[row] ?? 0)) continue
      best[row] = reach
      nearest[row] = current
    }
    const next = [...open].reduce((one, row) => ((best[row] ?? 0) < (best[one] ?? 0) ? row : one))
    grown.push({ from: nearest[next] ?? 0, to: next, length: Math.sqrt(best[next] ?? 0) })
    open.delete(next)
    current = next
  }
  return grown
}

const squaredCoreOf = (
  points: PointSet,
  weights: Float64Array | null,
  minSamples: number,
  row: number,
): number => {
  const near = Array.from({ length: points.count }, (_, other) => ({
    square: squaredDistance(points, row, points, other),
    weight: weightAt(weights, other),
  })).sort((a, b) => a.square - b.square)
  let weight = 0
  for (const one of near) {
    weight += one.weight
    if (weight >= minSamples) return one.square
  }
  return near.at(-1)?.square ?? 0
}
