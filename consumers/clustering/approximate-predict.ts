import type { HdbscanResult, Training } from './hdbscan-model.ts'
import { homeOf, membership } from './label-points.ts'
import { eachNearest } from './nearest-rows.ts'
import { PairSieve } from './pair-sieve.ts'
import { type PointSet, type Points, preparePoints, weightAt } from './prepare-points.ts'
import { FEW_SEEKERS, scanNearest } from './scan-nearest.ts'
import { squaredDistance } from './squared-distance.ts'

export interface Prediction {
  readonly labels: Int32Array
  readonly probabilities: Float64Array
  /** Mutual reachability distance to the nearest row of the model; infinite where the model has no rows. */
  readonly distances: Float64Array
}

/**
 * Where new points would fall in an existing clustering, which stays as it is. A point joins where its nearest row by
 * mutual reachability, among the nearest rows of weight 2·(minSamples − 1), left, or higher up where the point is
 * farther out than that. The rule is generous: callers cap the distance.
 * @throws InvalidInputError `points-invalid`.
 */
export const approximatePredict = (model: HdbscanResult, points: Points): Prediction => {
  const { training } = model
  const { points: known, weights, minSamples } = training
  const queries = preparePoints(points, known.dimensions, training.metric, known.unit)
  const home = homeOf(model.condensedTree, training.selected)
  const labels = new Int32Array(queries.count).fill(-1)
  const probabilities = new Float64Array(queries.count)
  const distances = new Float64Array(queries.count).fill(Number.POSITIVE_INFINITY)
  if (known.count === 0) return { labels, probabilities, distances }
  const weight = Math.max(minSamples, 2 * (minSamples - 1))
  const of = { seekers: queries, found: known, weights, weight, fewest: 1 }
  const place = (query: number, near: Int32Array): void => {
    const { row, distance } = nearestRow(training, queries, query, near)
    distances[query] = distance
    const { label, probability } = placeAt(model, home, row, distance)
    labels[query] = label
    probabilities[query] = probability
  }
  if (queries.count <= FEW_SEEKERS)
    for (let query = 0; query < queries.count; query++) place(query, scanNearest(of, query))
  else eachNearest(new PairSieve(known), of, (query, lists, list) => place(query, lists.rows(list)))
  return { labels, probabilities, distances }
}

/** Nearest row by mutual reachability; equal ones by plain distance, then by row. `near` holds the nearest and maybe more. */
const nearestRow = (
  { points, weights, squaredCore, minSamples, distanceFloor }: Training,
  queries: PointSet,
  query: number,
  near: Int32Array,
): { readonly row: number; readonly distance: number } => {
  const candidates = Array.from(near, (row) => ({
    row,
    square: squaredDistance(queries, query, points, row),
  })).sort((a, b) => a.square - b.square || a.row - b.row)
  const rows = candidates.map(({ row }) => row)
  const core = candidates[placeOfWeight(rows, weights, minSamples)]?.square ?? 0
  const last = placeOfWeight(rows, weights, Math.max(1, 2 * (minSamples - 1)))
  let nearest = rows[0] ?? 0
  let least = Number.POSITIVE_INFINITY
  for (const { row, square } of candidates.slice(0, last + 1)) {
    const reach = Math.max(core, squaredCore[row] as number, square)
    if (reach < least) {
      least = reach
      nearest = row
    }
  }
  return { row: nearest, distance: Math.max(Math.sqrt(least) * points.unit, distanceFloor) }
}

/** Index in `rows` at which the rows so far weigh `target`, or the last. */
const placeOfWeight = (
  rows: readonly number[],
  weights: Float64Array | null,
  target: number,
): number => {
  let weight = 0
  for (const [place, row] of rows.entries()) {
    weight += weightAt(weights, row)
    if (weight >= target) return place
  }
  return rows.length - 1
}

const placeAt = (
  { condensedTree: tree, labels, training }: HdbscanResult,
  home: Int32Array,
  row: number,
  distance: number,
): { readonly label: number; readonly probability: number } => {
  const lambda = 1 / distance
  let cluster = tree.leavingCluster[row] as number
  if ((tree.leavingLambda[row] as number) > lambda)
    while (cluster > 0 && (tree.birthLambda[cluster] as number) >= lambda)
      cluster = tree.parent[cluster] as number
  const selected = home[cluster] as number
  const label = selected < 0 ? -1 : (training.labelOfCluster[selected] as number)
  if (label >= 0)
    return { label, probability: membership(lambda, tree.largestLambda[selected] as number) }
  const own = labels[row] as number
  const isHeavyGroup = own >= 0 && !training.labelOfCluster.includes(own)
  // A group of heavy noise is no cluster of the tree: only the same thing joins it.
  return isHeavyGroup && distance <= training.distanceFloor
    ? { label: own, probability: 1 }
    : { label: -1, probability: 0 }
}
