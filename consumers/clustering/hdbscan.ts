import { InvalidInputError } from '../../schemas/errors.ts'
import { exemplarsOf, outlierScores, persistenceOf } from './cluster-measures.ts'
import { type CondensedTree, condenseTree } from './condensed-tree.ts'
import { coreDistances } from './core-distances.ts'
import { heavyNoise } from './heavy-noise.ts'
import { labelPoints } from './label-points.ts'
import { mergeTree, type TieOrder } from './merge-tree.ts'
import {
  type Metric,
  type PointSet,
  type Points,
  preparePoints,
  prepareWeights,
} from './prepare-points.ts'
import { selectClusters } from './select-clusters.ts'
import { spanningTree } from './spanning-tree.ts'

export interface HdbscanInput {
  /** Row-major. */
  readonly points: Points
  readonly dimensions: number
  /** A row of weight w stands for w copies; without weights every row counts once. */
  readonly weights?: ArrayLike<number>
  readonly metric: Metric
  readonly minClusterSize: number
  /** Counts the point itself, as scikit-learn does. Default: the minimum cluster size. */
  readonly minSamples?: number
  readonly clusterSelectionMethod?: 'eom' | 'leaf'
  readonly clusterSelectionEpsilon?: number
  readonly allowSingleCluster?: boolean
  readonly maxClusterSize?: number
  /** Distances below it count as it: what is nearer is the same thing. Keeps λ finite among copies. Default 0. */
  readonly distanceFloor?: number
  /** Other than `simultaneous` only to compare with implementations whose result depends on the order of rows. */
  readonly ties?: TieOrder
}

export interface HdbscanResult {
  /** Cluster per row, −1 is noise. The heaviest cluster is 0; equal weights by their first row. */
  readonly labels: Int32Array
  readonly probabilities: Float64Array
  readonly outlierScores: Float64Array
  /** Per cluster. */
  readonly persistence: Float64Array
  readonly exemplars: readonly Int32Array[]
  /** λ = 1/distance at which each row left its cluster. */
  readonly lambdas: Float64Array
  readonly condensedTree: CondensedTree
  /** What `approximatePredict` needs. */
  readonly training: Training
}

export interface Training {
  readonly points: PointSet
  readonly metric: Metric
  readonly weights: Float64Array
  readonly squaredCore: Float64Array
  readonly minSamples: number
  readonly distanceFloor: number
  /** Clusters of the tree that were selected, and the label of each. */
  readonly selected: Uint8Array
  readonly labelOfCluster: Int32Array
}

/**
 * HDBSCAN (Campello, Moulavi, Zimek, Sander 2015), exact, on weighted rows. Edges of equal length merge at once, so
 * the result is a function of the set of rows, not of their order. Rows that lie together within the distance floor
 * and alone weigh the minimum cluster size are a cluster, even where the tree knows no cluster but its root.
 * O(n²·d) time, O(n) memory beyond the input. No rows give no labels; one row is noise unless it is heavy.
 * @throws InvalidInputError `points-invalid` naming the row, `argument-invalid`.
 */
export const hdbscan = (input: HdbscanInput): HdbscanResult => {
  const { minClusterSize, minSamples = minClusterSize, distanceFloor = 0 } = input
  checkArguments({ ...input, minSamples, distanceFloor })
  const points = preparePoints(input.points, input.dimensions, input.metric)
  const weights = prepareWeights(input.weights, points.count)
  const squaredCore = coreDistances(points, weights, minSamples)
  const edges = spanningTree(points, squaredCore, distanceFloor)
  const tree = condenseTree(mergeTree(edges, weights, input.ties), {
    minClusterSize,
    copyDistances: squaredCore.map((square) => Math.max(Math.sqrt(square), distanceFloor)),
  })
  const epsilon = input.clusterSelectionEpsilon ?? 0
  const selected = selectClusters(tree, {
    clusterSelectionMethod: input.clusterSelectionMethod ?? 'eom',
    clusterSelectionEpsilon: epsilon,
    allowSingleCluster: input.allowSingleCluster ?? false,
    maxClusterSize: input.maxClusterSize ?? Number.POSITIVE_INFINITY,
  })
  const { clusters, probabilities } = labelPoints(tree, selected, epsilon)
  const groups = heavyNoise({ points, weights, clusters, distanceFloor, minClusterSize })
  for (const group of groups) for (const row of group) probabilities[row] = 1
  const { labels, found } = numberClusters(clusters, weights, groups)
  const labelOfCluster = new Int32Array(selected.length).fill(-1)
  for (const [label, { cluster }] of found.entries())
    if (cluster >= 0) labelOfCluster[cluster] = label
  return {
    labels,
    probabilities,
    outlierScores: outlierScores(tree),
    persistence: Float64Array.from(found, ({ cluster }) =>
      cluster < 0 ? 0 : persistenceOf(tree, cluster),
    ),
    exemplars: found.map(({ cluster, rows }) =>
      cluster < 0 ? Int32Array.from(rows) : exemplarsOf(tree, cluster),
    ),
    lambdas: tree.leavingLambda,
    condensedTree: tree,
    training: {
      points,
      metric: input.metric,
      weights,
      squaredCore,
      minSamples,
      distanceFloor,
      selected,
      labelOfCluster,
    },
  }
}

const checkArguments = (input: HdbscanInput): void => {
  const atLeast = (name: keyof HdbscanInput, least: number): void => {
    const value = input[name]
    if (value !== undefined && !(typeof value === 'number' && value >= least))
      throw new InvalidInputError('argument-invalid', `${name} is ${String(value)}.`)
  }
  atLeast('minClusterSize', 2)
  atLeast('minSamples', 1)
  atLeast('clusterSelectionEpsilon', 0)
  atLeast('maxClusterSize', 1)
  atLeast('distanceFloor', 0)
}

interface FoundCluster {
  /** Of the tree; −1 for a group of heavy noise. */
  readonly cluster: number
  readonly rows: readonly number[]
}

/** Canonical numbers: the heaviest first, equal ones by their first row. */
const numberClusters = (
  clusters: Int32Array,
  weights: Float64Array,
  groups: readonly (readonly number[])[],
): { readonly labels: Int32Array; readonly found: readonly FoundCluster[] } => {
  const rowsOf = new Map<number, number[]>()
  for (const [row, cluster] of clusters.entries()) {
    if (cluster < 0) continue
    const rows = rowsOf.get(cluster) ?? []
    rows.push(row)
    rowsOf.set(cluster, rows)
  }
  const weigh = (rows: readonly number[]): number =>
    rows.reduce((sum, row) => sum + (weights[row] as number), 0)
  const found = [
    ...[...rowsOf].map(([cluster, rows]) => ({ cluster, rows })),
    ...groups.map((rows) => ({ cluster: -1, rows })),
  ]
    .map((entry) => ({ ...entry, weight: weigh(entry.rows) }))
    .sort((a, b) => b.weight - a.weight || (a.rows[0] as number) - (b.rows[0] as number))
  const labels = new Int32Array(clusters.length).fill(-1)
  for (const [label, { rows }] of found.entries()) for (const row of rows) labels[row] = label
  return { labels, found }
}
