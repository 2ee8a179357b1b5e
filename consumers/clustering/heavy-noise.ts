import { type PointSet, weightAt } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

export interface HeavyNoiseInput {
  readonly points: PointSet
  readonly weights: Float64Array | null
  /** Cluster per row, −1 is noise. */
  readonly clusters: Int32Array
  /** In the unit of the points. */
  readonly distanceFloor: number
  readonly minClusterSize: number
}

/**
 * Groups of noise rows that are the same thing (chained by distances within the floor) and together weigh the minimum
 * cluster size. The tree misses them where it has no cluster but its root: one frequent row among a few single ones.
 */
export const heavyNoise = (input: HeavyNoiseInput): readonly Int32Array[] => {
  const { points, weights, clusters, distanceFloor, minClusterSize } = input
  const noise = Int32Array.from({
    length: clusters.reduce((count, cluster) => count + (cluster === -1 ? 1 : 0), 0),
  })
  let place = 0
  for (let row = 0; row < clusters.length; row++) if (clusters[row] === -1) noise[place++] = row
  const groups: Int32Array[] = []
  const runs = distanceFloor > 0 ? [noise] : equalKeys(points, noise)
  const isHeavy = (rows: Int32Array): boolean =>
    rows.reduce((sum, row) => sum + weightAt(weights, row), 0) >= minClusterSize
  for (const run of runs)
    if (isHeavy(run))
      for (const group of chain(points, run, distanceFloor ** 2))
        if (isHeavy(group)) groups.push(group.sort())
  return groups
}

/** Parts of the rows such that equal ones are in one part; of single rows only those that stand for more than one. */
function* equalKeys(points: PointSet, rows: Int32Array): Generator<Int32Array> {
  const keys = new Float64Array(points.count)
  for (const row of rows) keys[row] = keyOf(points, row)
  rows.sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b)
  for (let start = 0; start < rows.length; ) {
    let end = start + 1
    while (end < rows.length && keys[rows[end] as number] === keys[rows[start] as number]) end++
    yield rows.subarray(start, end)
    start = end
  }
}

/** Of what came before: large enough that all dimensions count, and no common number. */
const SHARE = 0.998_713

/** A number that equal rows have in common, and others hardly ever. */
const keyOf = ({ values, dimensions, factors, unit }: PointSet, row: number): number => {
  const factor = factors === null ? 1 / unit : (factors[row] as number)
  // Beside 1 vanishes what vanishes in a square.
  let key = 1
  for (let k = row * dimensions; k < (row + 1) * dimensions; k++)
    key = (values[k] as number) * factor - key * SHARE
  return key
}

/** Parts in which every row is within the distance of another one. */
function* chain(points: PointSet, rows: Int32Array, square: number): Generator<Int32Array> {
  const open = rows.slice()
  let left = open.length
  while (left > 0) {
    // The group grows at the end of the open rows, from behind.
    const end = left
    left--
    for (let at = end - 1; at >= left; at--)
      for (let other = left - 1; other >= 0; other--)
        if (squaredDistance(points, open[at] as number, points, open[other] as number) <= square) {
          left--
          const moved = open[other] as number
          open[other] = open[left] as number
          open[left] = moved
        }
    yield open.slice(left, end)
  }
}
