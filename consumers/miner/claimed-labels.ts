import { isWaiting } from './frozen-clusters.ts'
import type { MemberGroup } from './member-groups.ts'

/** Least share of a frozen cluster, or of what fell into a label before, that makes the label the cluster's. */
const LEAST_OVERLAP = 0.5

/**
 * Labels that belong to a cluster that a fix is under way for: those in which it has at least half of its failures, or
 * from which at least half of the clustered failures are its own. A cluster may have several, as where it would split.
 */
export const claimedLabels = (
  groups: readonly MemberGroup[],
  labelOf: (fingerprint: string) => number | null,
  frozen: ReadonlySet<string>,
): ReadonlyMap<number, string> => {
  if (frozen.size === 0) return new Map()
  const sizes = new Map<string, number>()
  const known = new Map<number, number>()
  const shared = new Map<number, Map<string, number>>()
  const add = <Key>(map: Map<Key, number>, key: Key, by: number): void => {
    map.set(key, (map.get(key) ?? 0) + by)
  }
  for (const { clusterId, fingerprint, failures } of groups) {
    const label = labelOf(fingerprint)
    if (frozen.has(clusterId)) add(sizes, clusterId, failures)
    if (label === null || clusterId === '' || isWaiting(clusterId)) continue
    add(known, label, failures)
    if (!frozen.has(clusterId)) continue
    const of = shared.get(label) ?? new Map<string, number>()
    shared.set(label, of)
    add(of, clusterId, failures)
  }
  return new Map(
    [...shared].flatMap(([label, of]) => {
      const [best] = [...of].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      if (best === undefined) return []
      const [id, failures] = best
      const least = Math.min(sizes.get(id) ?? 0, known.get(label) ?? 0)
      return failures >= LEAST_OVERLAP * least ? [[label, id] as const] : []
    }),
  )
}
