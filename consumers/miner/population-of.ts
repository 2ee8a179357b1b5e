import type { WeightedFingerprint } from '../embedding/embedder.ts'
import type { Member } from './miner-state.ts'

/** More distinct fingerprints are placed online: the time of a clustering grows with their square. */
const MOST_FINGERPRINTS = 2000

/** Distinct fingerprints with their counts, in order of key; of too many the most frequent. */
export const populationOf = (members: Iterable<Member>): readonly WeightedFingerprint[] => {
  const counted = new Map<string, { readonly fingerprint: Member['fingerprint']; weight: number }>()
  for (const { fingerprint } of members) {
    const entry = counted.get(fingerprint.key) ?? { fingerprint, weight: 0 }
    entry.weight++
    counted.set(fingerprint.key, entry)
  }
  const byKey = (a: WeightedFingerprint, b: WeightedFingerprint): number =>
    a.fingerprint.key < b.fingerprint.key ? -1 : 1
  return [...counted.values()]
    .sort((a, b) => b.weight - a.weight || byKey(a, b))
    .slice(0, MOST_FINGERPRINTS)
    .sort(byKey)
}
