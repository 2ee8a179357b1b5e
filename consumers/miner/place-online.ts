import { approximatePredict } from '../clustering/approximate-predict.ts'
import type { FingerprintClusters } from '../clustering/cluster-fingerprints.ts'
import type { EmbeddingSpace } from '../embedding/embedder.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import type { AgentState, Placement } from './miner-state.ts'

/**
 * Cluster ids of fingerprints between two re-clusterings: that of the same fingerprint, else where it falls in the last
 * clustering and is not too far, else '' (noise).
 */
export const placeOnline = async (
  agent: Pick<AgentState, 'placement'>,
  fingerprints: readonly Fingerprint[],
): Promise<readonly string[]> => {
  const { placement } = agent
  if (placement === null) return fingerprints.map(() => '')
  const fresh = [...new Map(fingerprints.map((one) => [one.key, one])).values()].filter(
    ({ key }) => !placement.idOfFingerprint.has(key),
  )
  const predicted = await predict(placement, fresh)
  return fingerprints.map(
    ({ key }) => placement.idOfFingerprint.get(key) ?? predicted.get(key) ?? '',
  )
}

const predict = async (
  { space, clusters, ids }: Placement,
  fingerprints: readonly Fingerprint[],
): Promise<ReadonlyMap<string, string>> => {
  const labels = await predictLabels(space, clusters, fingerprints)
  return new Map(fingerprints.map(({ key }, place) => [key, ids[labels[place] ?? -1] ?? '']))
}

/** Labels of fingerprints that a clustering has not seen; −1 for noise and for what is too far from everything. */
export const predictLabels = async (
  space: EmbeddingSpace,
  { model, farthest }: FingerprintClusters,
  fingerprints: readonly Fingerprint[],
): Promise<readonly number[]> => {
  if (fingerprints.length === 0) return []
  const { labels, distances } = approximatePredict(model, await space.embed(fingerprints))
  return Array.from(labels, (label, place) =>
    (distances[place] ?? Number.POSITIVE_INFINITY) <= farthest ? label : -1,
  )
}
