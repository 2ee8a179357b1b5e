import { hdbscan } from './hdbscan.ts'
import type { HdbscanResult } from './hdbscan-model.ts'
import { heavyNoise } from './heavy-noise.ts'
import type { Points } from './prepare-points.ts'

/** Distances between unit rows, d² = 2 − 2·cos: 0 is the same, √2 nothing in common. */
export const FINGERPRINT_DISTANCES = {
  /** Up to here two fingerprints are one thing (cosine .875): their density is not told apart. */
  same: 0.5,
  /** Noise that hangs together up to here (cosine .72) is a cluster where HDBSCAN knows none but the root. */
  alike: 0.75,
  /** What leaves its cluster beyond this (cosine .55) is a stray, while noise stays rare. */
  stray: 0.95,
  /** What leaves its cluster beyond this (cosine .28) is a stray in any case, and counts as noise. */
  farthest: 1.2,
} as const

/** Strays are let go while no more of the failures are noise: a listing that explains too little helps nobody. */
const MOST_NOISE = 1 / 3

export interface FingerprintClusters {
  /** Cluster per row from 0 on, −1 is noise. */
  readonly labels: Int32Array
  readonly count: number
  readonly model: HdbscanResult
  /** Beyond this from its cluster a row is a stray, one that comes later too. */
  readonly farthest: number
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
  const { same, alike } = FINGERPRINT_DISTANCES
  const model = hdbscan({
    ...input,
    metric: 'cosine',
    minSamples: 2,
    distanceFloor: same,
    clusterSelectionMethod,
  })
  const farthest = strayDistance(input.weights, model)
  const labels = model.labels.map((label, row) =>
    leftAt(model, row) > farthest && isOfTree(model, label) ? -1 : label,
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
  return { labels, count: known + groups.length, model, farthest }
}

/**
 * From where on rows are strays: as near to `stray` as the share of noise allows, the farthest go first. Rows of one
 * distance go or stay together, so that their order says nothing.
 */
const strayDistance = (weights: ArrayLike<number>, model: HdbscanResult): number => {
  const { stray, farthest } = FINGERPRINT_DISTANCES
  const loose = new Map<number, number>()
  let total = 0
  let noise = 0
  for (const [row, label] of model.labels.entries()) {
    const weight = weights[row] ?? 0
    const distance = leftAt(model, row)
    total += weight
    if (label < 0 || (isOfTree(model, label) && distance > farthest)) noise += weight
    else if (isOfTree(model, label) && distance > stray)
      loose.set(distance, (loose.get(distance) ?? 0) + weight)
  }
  for (const [distance, weight] of [...loose].sort(([a], [b]) => b - a)) {
    noise += weight
    if (noise > total * MOST_NOISE) return distance
  }
  return stray
}

/** How far apart things are where a row leaves its cluster. */
const leftAt = ({ lambdas }: HdbscanResult, row: number): number => 1 / (lambdas[row] as number)

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
