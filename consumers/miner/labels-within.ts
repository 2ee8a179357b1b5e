import { approximatePredict } from '../clustering/approximate-predict.ts'
import type { FingerprintClusters } from '../clustering/cluster-fingerprints.ts'
import type { Points } from '../clustering/prepare-points.ts'

/** Labels of points that a clustering has not seen; −1 for noise and for what is too far from everything. */
export const labelsWithin = (
  { model, farthest }: FingerprintClusters,
  points: Points,
): readonly number[] => {
  const { labels, distances } = approximatePredict(model, points)
  return Array.from(labels, (label, place) =>
    (distances[place] ?? Number.POSITIVE_INFINITY) <= farthest ? label : -1,
  )
}
