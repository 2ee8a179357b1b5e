import { exemplarsOf, outlierScores, persistencesOf } from './cluster-measures.ts'
import { type CondensedTree, condenseTree } from './condensed-tree.ts'
import type { HdbscanOptions, HdbscanResult, Training } from './hdbscan-model.ts'
import { heavyNoise } from './heavy-noise.ts'
import { labelPoints } from './label-points.ts'
import { mergeTree, type TieOrder } from './merge-tree.ts'
import { numberClusters } from './number-clusters.ts'
import type { PointSet } from './prepare-points.ts'
import { selectClusters } from './select-clusters.ts'
import type { SpanningTree } from './spanning-tree.ts'

export interface Hierarchy {
  readonly points: PointSet
  readonly weights: Float64Array | null
  readonly squaredCore: Float64Array
  /** Used up. */
  readonly edges: SpanningTree
  readonly options: HdbscanOptions
  /** Other than `simultaneous` only to compare with implementations whose result depends on the order of rows. */
  readonly ties?: TieOrder
}

/** From the spanning tree to clusters. Lengths are in the unit of the points until the very end. */
export const clusterHierarchy = ({
  points,
  weights,
  squaredCore,
  edges,
  options,
  ties,
}: Hierarchy): Omit<HdbscanResult, 'training'> & Pick<Training, 'selected' | 'labelOfCluster'> => {
  const { minClusterSize } = options
  const epsilon = options.clusterSelectionEpsilon / points.unit
  const distanceFloor = options.distanceFloor / points.unit
  const tree = condenseTree(mergeTree(edges, points.count, weights, ties), {
    minClusterSize,
    copyDistance: (row) => Math.max(Math.sqrt(squaredCore[row] as number), distanceFloor),
  })
  const selected = selectClusters(tree, { ...options, clusterSelectionEpsilon: epsilon })
  const { clusters, probabilities } = labelPoints(tree, selected, epsilon)
  const groups = heavyNoise({ points, weights, clusters, distanceFloor, minClusterSize })
  for (const group of groups) for (const row of group) probabilities[row] = 1
  const { labels, found } = numberClusters(clusters, selected.length, weights, groups)
  const labelOfCluster = new Int32Array(selected.length).fill(-1)
  for (const [label, { cluster }] of found.entries())
    if (cluster >= 0) labelOfCluster[cluster] = label
  const named = found.map(({ cluster }) => cluster)
  const hearts = exemplarsOf(tree, named)
  const measures = {
    outlierScores: outlierScores(tree),
    persistence: persistencesOf(tree, named),
    exemplars: found.map(({ cluster, rows }, label) =>
      cluster < 0 ? rows : (hearts[label] as Int32Array),
    ),
  }
  const condensedTree = inLengths(tree, points.unit)
  return {
    labels,
    probabilities,
    ...measures,
    lambdas: condensedTree.leavingLambda,
    condensedTree,
    selected,
    labelOfCluster,
  }
}

/** The tree in the caller's lengths: λ is 1/distance, and stability a sum of them. */
const inLengths = (tree: CondensedTree, unit: number): CondensedTree => {
  if (unit === 1) return tree
  const divided = (lambdas: Float64Array): Float64Array => lambdas.map((lambda) => lambda / unit)
  return {
    ...tree,
    birthLambda: divided(tree.birthLambda),
    stability: divided(tree.stability),
    largestLambda: divided(tree.largestLambda),
    leavingLambda: divided(tree.leavingLambda),
  }
}
