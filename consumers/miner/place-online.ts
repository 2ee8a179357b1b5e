import type { FingerprintClusters } from '../clustering/cluster-fingerprints.ts'
import type { EmbeddingSpace } from '../embedding/embedder.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import { MOST_FINGERPRINTS } from '../fingerprint/fingerprint-table.ts'
import { labelsWithin } from './labels-within.ts'
import type { AgentState, Placement } from './miner-state.ts'

export interface OnlinePlaces {
  /** Cluster id per fingerprint asked for, '' is noise. */
  readonly ids: readonly string[]
  /** How many of them the clustering had not seen. */
  readonly strangers: number
}

/**
 * Cluster ids of fingerprints between two re-clusterings: that of the same fingerprint, else where it falls in the last
 * clustering and is not too far, else '' (noise). What was placed is remembered until the next one.
 */
export const placeOnline = async (
  agent: Pick<AgentState, 'placement'>,
  fingerprints: readonly Fingerprint[],
): Promise<OnlinePlaces> => {
  const { placement } = agent
  if (placement === null) return { ids: fingerprints.map(() => ''), strangers: fingerprints.length }
  const { idOfFingerprint } = placement
  const strangers = fingerprints.filter(({ key }) => !idOfFingerprint.has(key))
  const predicted = await predict(placement, [
    ...new Map(strangers.map((one) => [one.key, one])).values(),
  ])
  if (idOfFingerprint.size < 2 * MOST_FINGERPRINTS)
    for (const [key, id] of predicted) idOfFingerprint.set(key, id)
  return {
    ids: fingerprints.map(({ key }) => idOfFingerprint.get(key) ?? predicted.get(key) ?? ''),
    strangers: strangers.length,
  }
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
  clusters: FingerprintClusters,
  fingerprints: readonly Fingerprint[],
): Promise<readonly number[]> =>
  fingerprints.length === 0 ? [] : labelsWithin(clusters, await space.embed(fingerprints))
