import { type Prediction, approximatePredict as placePoints } from './approximate-predict.ts'
import { clusterHierarchy } from './cluster-hierarchy.ts'
import { coreDistances } from './core-distances.ts'
import { type HdbscanInput, type HdbscanResult, settleOptions } from './hdbscan-model.ts'
import { PairSieve } from './pair-sieve.ts'
import { type Points, preparePoints, prepareWeights } from './prepare-points.ts'
import type { OpenSieveEngine } from './sieve-engine.ts'
import { spanningTree } from './spanning-tree.ts'

/**
 * HDBSCAN (Campello, Moulavi, Zimek, Sander 2015), exact, on weighted rows. Edges of equal length merge at once, so
 * the result is a function of the set of rows, not of their order. Rows that lie together within the distance floor
 * and alone weigh the minimum cluster size are a cluster, even where the tree knows no cluster but its root.
 * O(n²·d) time, O(n) memory beyond the input. No rows give no labels; one row is noise unless it is heavy.
 * @param openEngine only for tests: the engine that the process can have makes no difference to the result.
 * @throws InvalidInputError `points-invalid` naming the row, `argument-invalid`.
 */
export const hdbscan = (input: HdbscanInput, openEngine?: OpenSieveEngine): HdbscanResult => {
  const options = settleOptions(input)
  const points = preparePoints(input.points, input.dimensions, input.metric)
  const weights = prepareWeights(input.weights, points.count)
  const sieve = new PairSieve(points, openEngine)
  const core = coreDistances(sieve, points, weights, options.minSamples)
  const edges = spanningTree(sieve, points, core, options.distanceFloor / points.unit)
  const hierarchy = { points, weights, squaredCore: core.squares, edges, options }
  const { selected, labelOfCluster, ...result } = clusterHierarchy(hierarchy)
  return {
    ...result,
    training: {
      points,
      metric: input.metric,
      weights,
      squaredCore: core.squares,
      minSamples: options.minSamples,
      distanceFloor: options.distanceFloor,
      selected,
      labelOfCluster,
    },
  }
}

/**
 * Where new points would fall in an existing clustering, which stays as it is.
 * @throws InvalidInputError `points-invalid`.
 */
export const approximatePredict = (model: HdbscanResult, points: Points): Prediction =>
  placePoints(model, points)
