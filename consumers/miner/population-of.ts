import type { WeightedFingerprint } from '../embedding/embedder.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'

/** More distinct fingerprints are placed online: the time of a clustering grows with their square. */
const MOST_CLUSTERED = 10_000

/** Distinct fingerprints of failures with their counts, in order of key; of too many the most frequent. */
export const populationOf = (
  members: Iterable<{ readonly fingerprint: Fingerprint }>,
): readonly WeightedFingerprint[] => {
  const counted = new Map<string, { readonly fingerprint: Fingerprint; weight: number }>()
  for (const { fingerprint } of members) {
    const entry = counted.get(fingerprint.key) ?? { fingerprint, weight: 0 }
    entry.weight++
    counted.set(fingerprint.key, entry)
  }
  return heaviest(counted.values())
}

/** The most frequent fingerprints, in order of key. */
export const heaviest = (
  fingerprints: Iterable<WeightedFingerprint>,
): readonly WeightedFingerprint[] => {
  const byKey = (a: WeightedFingerprint, b: WeightedFingerprint): number =>
    a.fingerprint.key < b.fingerprint.key ? -1 : 1
  return [...fingerprints]
    .sort((a, b) => b.weight - a.weight || byKey(a, b))
    .slice(0, MOST_CLUSTERED)
    .sort(byKey)
}
