import { InvalidInputError } from '../../schemas/errors.ts'
import type { CondensedTree } from './condensed-tree.ts'
import type { Metric, PointSet, Points } from './prepare-points.ts'

export interface HdbscanInput {
  /** Row-major. The result keeps them: what predicts must not change them. */
  readonly points: Points
  readonly dimensions: number
  /** A row of weight w stands for w copies; without weights every row counts once. */
  readonly weights?: ArrayLike<number>
  readonly metric: Metric
  readonly minClusterSize: number
  /** Counts the point itself, as scikit-learn does. Default: the minimum cluster size. */
  readonly minSamples?: number
  /** Default `eom`, excess of mass. */
  readonly clusterSelectionMethod?: 'eom' | 'leaf'
  /** Clusters that part below this distance stay together. Default 0. */
  readonly clusterSelectionEpsilon?: number
  /** Whether all rows may be one cluster. Default false. */
  readonly allowSingleCluster?: boolean
  /** A heavier cluster is not selected. Default infinite. */
  readonly maxClusterSize?: number
  /** Distances below it count as it: what is nearer is the same thing. Keeps λ finite among copies. Default 0. */
  readonly distanceFloor?: number
}

export type HdbscanOptions = Required<
  Omit<HdbscanInput, 'points' | 'dimensions' | 'weights' | 'metric'>
>

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
  /** Null where every row counts once. */
  readonly weights: Float64Array | null
  /** In the unit of the points. */
  readonly squaredCore: Float64Array
  readonly minSamples: number
  readonly distanceFloor: number
  /** Clusters of the tree that were selected, and the label of each. */
  readonly selected: Uint8Array
  readonly labelOfCluster: Int32Array
}

/**
 * The options with their defaults.
 * @throws InvalidInputError `argument-invalid` naming the option.
 */
export const settleOptions = (input: HdbscanInput): HdbscanOptions => {
  const options = {
    minClusterSize: input.minClusterSize,
    minSamples: input.minSamples ?? input.minClusterSize,
    clusterSelectionMethod: input.clusterSelectionMethod ?? 'eom',
    clusterSelectionEpsilon: input.clusterSelectionEpsilon ?? 0,
    allowSingleCluster: input.allowSingleCluster ?? false,
    maxClusterSize: input.maxClusterSize ?? Number.POSITIVE_INFINITY,
    distanceFloor: input.distanceFloor ?? 0,
  }
  const check = (name: string, value: unknown, isRight: boolean): void => {
    if (!isRight) throw new InvalidInputError('argument-invalid', `${name} is ${String(value)}.`)
  }
  const { minClusterSize, minSamples, maxClusterSize } = options
  check('metric', input.metric, ['euclidean', 'cosine'].includes(input.metric))
  check('minClusterSize', minClusterSize, Number.isInteger(minClusterSize) && minClusterSize >= 2)
  check('minSamples', minSamples, Number.isInteger(minSamples) && minSamples >= 1)
  check('maxClusterSize', maxClusterSize, typeof maxClusterSize === 'number' && maxClusterSize >= 1)
  for (const name of ['clusterSelectionEpsilon', 'distanceFloor'] as const)
    check(name, options[name], typeof options[name] === 'number' && options[name] >= 0)
  const method = options.clusterSelectionMethod
  check('clusterSelectionMethod', method, ['eom', 'leaf'].includes(method))
  check(
    'allowSingleCluster',
    options.allowSingleCluster,
    typeof options.allowSingleCluster === 'boolean',
  )
  return options
}
