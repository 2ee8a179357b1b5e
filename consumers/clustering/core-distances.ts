import type { PointSet } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

/**
 * Squared core distances: per row the smallest radius whose total weight, the row's own included, reaches `minSamples`
 * (scikit-learn's convention: the point counts). With less weight than that in all, the farthest row's distance.
 */
export const coreDistances = (
  points: PointSet,
  weights: Float64Array,
  minSamples: number,
): Float64Array => {
  const { count, values } = points
  const core = new Float64Array(count)
  const distances = new Float64Array(count)
  const rows = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    if ((weights[i] as number) >= minSamples) continue
    for (let j = 0; j < count; j++) {
      distances[j] = squaredDistance(values, i, points, j)
      rows[j] = j
    }
    core[i] = weightedSelect(distances, rows, weights, minSamples)
  }
  return core
}

/** The smallest of `keys` such that the rows with a key up to it weigh at least `target`. Quickselect, in place. */
const weightedSelect = (
  keys: Float64Array,
  rows: Uint32Array,
  weights: Float64Array,
  target: number,
): number => {
  let low = 0
  let high = rows.length - 1
  let missing = target
  while (low < high) {
    const pivot = keys[rows[(low + high) >>> 1] as number] as number
    const { less, greater } = partition(keys, rows, pivot, [low, high])
    const below = weigh(rows, weights, low, less)
    if (missing <= below) {
      high = less - 1
      continue
    }
    const through = below + weigh(rows, weights, less, greater)
    if (missing <= through || greater > high) return pivot
    missing -= through
    low = greater
  }
  return keys[rows[low] as number] as number
}

const weigh = (rows: Uint32Array, weights: Float64Array, from: number, to: number): number => {
  let sum = 0
  for (let k = from; k < to; k++) sum += weights[rows[k] as number] as number
  return sum
}

/** Three-way: smaller keys before `less`, equal ones up to `greater`, larger ones from there. */
const partition = (
  keys: Float64Array,
  rows: Uint32Array,
  pivot: number,
  [low, high]: readonly [number, number],
): { readonly less: number; readonly greater: number } => {
  let less = low
  let greater = high + 1
  for (let k = low; k < greater; ) {
    const row = rows[k] as number
    const key = keys[row] as number
    if (key < pivot) {
      rows[k++] = rows[less] as number
      rows[less++] = row
    } else if (key > pivot) {
      rows[k] = rows[--greater] as number
      rows[greater] = row
    } else k++
  }
  return { less, greater }
}
