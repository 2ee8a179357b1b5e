import { type HdbscanResult, hdbscan } from './hdbscan.ts'
import { heavyNoise } from './heavy-noise.ts'
import type { Points } from './prepare-points.ts'

/** Distances between unit rows, d² = 2 − 2·cos: 0 is the same, √2 nothing in common. */
export const FINGERPRINT_DISTANCES = {
  /** Up to here two fingerprints are one thing (cosine .875): their density is not told apart. */
  same: 0.5,
  /** Noise that hangs together up to here (cosine .72) is a cluster where HDBSCAN knows none but the root. */
  alike: 0.75,
  /** What leaves its cluster beyond this (cosine .28) is a stray and counts as noise. */
  farthest: 1.2,
} as const

export interface FingerprintClusters {
  /** Cluster per row from 0 on, −1 is noise. */
  readonly labels: Int32Array
  readonly count: number
  readonly model: HdbscanResult
}

export interface FingerprintPoints {
  readonly points: Points
  readonly dimensions: number
  /** Failures per fingerprint. */
  readonly weights: ArrayLike<number>
  readonly minClusterSize: number
}

/**
 * Clusters of distinct fingerprints: HDBSCAN on unit rows with `minSamples` 2, then without strays, and with the groups
 * that HDBSCAN cannot name because it never selects the root: one kind of failure is a cluster too. Where excess of mass
 * answers with a cluster of more than half of the failures, the leaves of the tree are taken: what hides two causes is
 * repaired for neither, while one indivisible kind stays one either way.
 */
export const clusterFingerprints = (input: FingerprintPoints): FingerprintClusters => {
  const broad = byMethod(input, 'eom')
  return holdsMoreThanHalf(input.weights, broad) ? byMethod(input, 'leaf') : broad
}

const byMethod = (
  input: FingerprintPoints,
  clusterSelectionMethod: 'eom' | 'leaf',
): FingerprintClusters => {
  const { same, alike, farthest } = FINGERPRINT_DISTANCES
  const model = hdbscan({
    ...input,
    metric: 'cosine',
    minSamples: 2,
    distanceFloor: same,
    clusterSelectionMethod,
  })
  const labels = model.labels.map((label, row) =>
    1 / (model.lambdas[row] as number) > farthest && isOfTree(model, label) ? -1 : label,
  )
  const groups = heavyNoise({
    points: model.training.points,
    weights: model.training.weights,
    clusters: labels,
    distanceFloor: alike,
    minClusterSize: input.minClusterSize,
  })
  const known = model.persistence.length
  for (const [place, group] of groups.entries())
    for (const row of group) labels[row] = known + place
  return { labels, count: known + groups.length, model }
}

/** Groups of heavy noise left the tree anywhere: their λ says nothing about them. */
const isOfTree = ({ training }: HdbscanResult, label: number): boolean =>
  training.labelOfCluster.includes(label)

const holdsMoreThanHalf = (
  weights: ArrayLike<number>,
  { labels, count }: FingerprintClusters,
): boolean => {
  const sums = new Float64Array(count)
  let total = 0
  for (const [row, label] of labels.entries()) {
    const weight = weights[row] ?? 0
    total += weight
    if (label >= 0) sums[label] = (sums[label] ?? 0) + weight
  }
  return sums.some((sum) => sum > total / 2)
}
