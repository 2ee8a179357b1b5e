import type { PointSet } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

export interface HeavyNoiseInput {
  readonly points: PointSet
  readonly weights: Float64Array
  /** Cluster per row, −1 is noise. */
  readonly clusters: Int32Array
  readonly distanceFloor: number
  readonly minClusterSize: number
}

/**
 * Groups of noise rows that are the same thing (chained by distances within the floor) and together weigh the minimum
 * cluster size. The tree misses them where it has no cluster but its root: one frequent row among a few single ones.
 */
export const heavyNoise = (input: HeavyNoiseInput): readonly (readonly number[])[] => {
  const { points, weights, clusters, minClusterSize } = input
  const square = input.distanceFloor ** 2
  let open = [...clusters.keys()].filter((row) => clusters[row] === -1)
  const groups: number[][] = []
  while (open.length > 0) {
    const group = [open.shift() as number]
    for (const row of group) {
      const rest: number[] = []
      for (const other of open)
        if (squaredDistance(points.values, row, points, other) <= square) group.push(other)
        else rest.push(other)
      open = rest
    }
    const weight = group.reduce((sum, row) => sum + (weights[row] as number), 0)
    if (weight >= minClusterSize) groups.push(group.sort((a, b) => a - b))
  }
  return groups
}
