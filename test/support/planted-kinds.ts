import { type KnownCluster, NEVER_ASKED } from '../../consumers/miner/miner-state.ts'
import type { ReclusteringPlan } from '../../consumers/miner/plan-reclustering.ts'
import { planReclustering } from '../../consumers/miner/plan-reclustering.ts'
import { rememberedFingerprints } from '../../consumers/miner/remembered-fingerprints.ts'

interface Planted {
  readonly fingerprint: string
  clusterId: string
}

const KNOWN: Omit<KnownCluster, 'id' | 'createdAtMs'> = {
  closed: false,
  summary: '',
  diagnosis: {
    rootCauseType: 'unknown',
    component: '',
    hypothesis: '',
    rule: '',
    evidence: [],
    confidence: 0,
    source: 'deterministic',
  },
  fingerprints: [],
  basis: null,
  restored: false,
  asked: NEVER_ASKED,
}

/** A window of failures whose true clusters are known, re-clustered as the miner does it, without its engines. */
export const plantedWindow = (nowOf: () => number) => {
  const failures: Planted[] = []
  const clusters = new Map<string, KnownCluster>()
  let frozen: ReadonlySet<string> = new Set()
  let idOfFingerprint = new Map<string, string>()
  const groupsOf = () => {
    const groups = new Map<string, { clusterId: string; fingerprint: string; failures: number }>()
    for (const { clusterId, fingerprint } of failures) {
      const key = JSON.stringify([clusterId, fingerprint])
      const group = groups.get(key) ?? { clusterId, fingerprint, failures: 0 }
      group.failures++
      groups.set(key, group)
    }
    return [...groups.values()]
  }
  return {
    clusters,
    failures,
    freeze: (ids: readonly string[]): void => {
      frozen = new Set(ids)
    },
    /** A failure joins where its fingerprint is, else it is noise. */
    arrive: (fingerprint: string): void => {
      const id = idOfFingerprint.get(fingerprint) ?? ''
      failures.push({ fingerprint, clusterId: frozen.has(id) ? `~${id}` : id })
    },
    leave: (count: number): void => {
      failures.splice(0, count)
    },
    /** Ids of the clusters that a kind's failures are in, the most frequent first. */
    idsOf: (isOfKind: (fingerprint: string) => boolean): readonly string[] =>
      [
        ...Map.groupBy(
          failures.filter(({ fingerprint }) => isOfKind(fingerprint)),
          ({ clusterId }) => clusterId,
        ),
      ]
        .sort(([, a], [, b]) => b.length - a.length)
        .map(([id]) => id),
    recluster: (
      labelOf: (fingerprint: string) => number | null,
      count: number,
    ): ReclusteringPlan => {
      const nowMs = nowOf()
      const plan = planReclustering(
        { agent: 'desk', clusters, frozen },
        { groups: groupsOf(), labelOf, count, nowMs },
      )
      for (const one of failures) one.clusterId = plan.placeOf(one.clusterId, one.fingerprint)
      for (const id of plan.opened)
        clusters.set(id, {
          ...(clusters.get(id) ?? { ...KNOWN, id, createdAtMs: nowMs }),
          closed: false,
        })
      for (const id of plan.closed) {
        const known = clusters.get(id)
        if (known !== undefined) clusters.set(id, { ...known, closed: true })
      }
      for (const [id, list] of Map.groupBy(failures, ({ clusterId }) => clusterId)) {
        const known = clusters.get(id)
        const fingerprints = [...new Set(list.map(({ fingerprint }) => fingerprint))]
        if (known !== undefined)
          clusters.set(id, {
            ...known,
            fingerprints: rememberedFingerprints(known.fingerprints, fingerprints),
          })
      }
      idOfFingerprint = new Map(
        failures.map(({ fingerprint }) => {
          const label = labelOf(fingerprint)
          return [fingerprint, label === null ? '' : (plan.ids[label] ?? '')]
        }),
      )
      return plan
    },
  }
}
