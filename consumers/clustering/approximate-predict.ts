import type { HdbscanResult } from './hdbscan.ts'
import { homeOf, membership } from './label-points.ts'
import { type Points, preparePoints } from './prepare-points.ts'
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
  const queries = preparePoints(points, training.points.dimensions, training.metric)
  const home = homeOf(model.condensedTree, training.selected)
  const labels = new Int32Array(queries.count).fill(-1)
  const probabilities = new Float64Array(queries.count)
  const distances = new Float64Array(queries.count).fill(Number.POSITIVE_INFINITY)
  if (training.points.count === 0) return { labels, probabilities, distances }
  for (let query = 0; query < queries.count; query++) {
    const { row, distance } = nearestRow(training, queries.values, query)
    distances[query] = distance
    const { label, probability } = placeAt(model, home, row, distance)
    labels[query] = label
    probabilities[query] = probability
  }
  return { labels, probabilities, distances }
}

/** Nearest row by mutual reachability; equal ones by plain distance, then by row. */
const nearestRow = (
  { points, weights, squaredCore, minSamples, distanceFloor }: HdbscanResult['training'],
  values: Float64Array,
  query: number,
): { readonly row: number; readonly distance: number } => {
  const squares = Float64Array.from({ length: points.count }, (_, row) =>
    squaredDistance(values, query, points, row),
  )
  const order = Int32Array.from(squares.keys()).sort(
    (a, b) => (squares[a] as number) - (squares[b] as number) || a - b,
  )
  const core = squares[order[placeOfWeight(order, weights, minSamples)] as number] as number
  const last = placeOfWeight(order, weights, Math.max(1, 2 * (minSamples - 1)))
  let nearest = order[0] as number
  let least = Number.POSITIVE_INFINITY
  for (const row of order.subarray(0, last + 1)) {
    const reach = Math.max(core, squaredCore[row] as number, squares[row] as number)
    if (reach < least) {
      least = reach
      nearest = row
    }
  }
  return { row: nearest, distance: Math.max(Math.sqrt(least), distanceFloor) }
}

/** Index in `order` at which the rows so far weigh `target`, or the last. */
const placeOfWeight = (order: Int32Array, weights: Float64Array, target: number): number => {
  let weight = 0
  for (const [place, row] of order.entries()) {
    weight += weights[row] as number
    if (weight >= target) return place
  }
  return order.length - 1
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
