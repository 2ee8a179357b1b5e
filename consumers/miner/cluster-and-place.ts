import {
  clusterFingerprints,
  type FingerprintClusters,
  type FingerprintPoints,
} from '../clustering/cluster-fingerprints.ts'
import { labelsWithin } from './labels-within.ts'

export interface ClusteringWork extends FingerprintPoints {
  /** More points of the same space, to be placed in the clustering. */
  readonly others: Float32Array
}

export interface ClusteringAnswer {
  readonly clusters: FingerprintClusters
  /** Label of each other point. */
  readonly placed: readonly number[]
}

export const clusterAndPlace = ({ others, ...input }: ClusteringWork): ClusteringAnswer => {
  const clusters = clusterFingerprints(input)
  return { clusters, placed: others.length === 0 ? [] : labelsWithin(clusters, others) }
}
