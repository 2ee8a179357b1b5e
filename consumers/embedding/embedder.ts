import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'

export interface WeightedFingerprint {
  readonly fingerprint: Fingerprint
  /** How many failures have it. */
  readonly weight: number
}

/** A space in which near means alike, made for one population. Points of two spaces are never compared. */
export interface EmbeddingSpace {
  readonly dimensions: number
  /** The population, row-major in its order. */
  readonly points: Float32Array
  /** Later fingerprints in the same space, row-major. */
  embed(fingerprints: readonly Fingerprint[]): Promise<Float32Array>
}

/** Turns fingerprints into points. The directions count, the lengths do not. */
export interface Embedder {
  /** @throws TransientError where the points come from a model that does not answer. */
  fit(population: readonly WeightedFingerprint[]): Promise<EmbeddingSpace>
}
