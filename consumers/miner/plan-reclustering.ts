import { sha256 } from '../../schemas/canonical-json.ts'
import type { ClusterEvent } from '../../schemas/cluster.ts'
import { type Lineage, type Move, matchClusters } from '../clustering/match-clusters.ts'
import { claimedLabels } from './claimed-labels.ts'
import { isFrozen, isWaiting, waitingFor } from './frozen-clusters.ts'
import type { MemberGroup } from './member-groups.ts'
import type { AgentState, KnownCluster } from './miner-state.ts'

export interface ReclusteringPlan {
  /** Id per label of the new clustering. */
  readonly ids: readonly string[]
  /** Where a failure belongs now, by where it was and its fingerprint. */
  readonly placeOf: (clusterId: string, fingerprint: string) => string
  /** Ids of clusters that did not exist, or were closed. */
  readonly opened: readonly string[]
  readonly reopened: ReadonlySet<string>
  readonly closed: readonly string[]
  readonly events: readonly Omit<ClusterEvent, 'at'>[]
}

/** New label per fingerprint; null is noise. */
export type LabelOf = (fingerprint: string) => number | null

export interface Relabelling {
  readonly groups: readonly MemberGroup[]
  readonly labelOf: LabelOf
  /** How many labels there are. */
  readonly count: number
  readonly nowMs: number
}

/**
 * Which identities a new clustering has, and what became of the old ones. Ids are made once, of the agent, the first
 * fingerprint and the time, and never used for another cluster; a closed cluster that returns takes its own id again.
 * A cluster that a fix is under way for keeps its failures, and takes no others: what would join it waits, and whatever
 * would become of it happens at a later re-clustering.
 */
export const planReclustering = (
  agent: Pick<AgentState, 'agent' | 'clusters' | 'frozen'>,
  { groups, labelOf, count, nowMs }: Relabelling,
): ReclusteringPlan => {
  const claimed = claimedLabels(groups, labelOf, agent.frozen)
  const free = groups.filter(({ clusterId, fingerprint }) => {
    const label = labelOf(fingerprint)
    return !isFrozen(agent, clusterId) && (label === null || !claimed.has(label))
  })
  const byLabel: MemberGroup[][] = Array.from({ length: count }, () => [])
  const moves = free.map(({ clusterId, fingerprint, failures }): Move => {
    const after = labelOf(fingerprint)
    if (after !== null) byLabel[after]?.push({ clusterId, fingerprint, failures })
    const before = clusterId === '' || isWaiting(clusterId) ? null : clusterId
    return { before, after, weight: failures }
  })
  const known = [...agent.clusters.values()]
  const kept = keptBeside(groups, labelOf, claimed)
  const open = known.flatMap(({ id, closed }) => (closed || isFrozen(agent, id) ? [] : [id])).sort()
  const lineage = withoutEmpty(matchClusters(moves, count, open), { byLabel, kept })
  const { ids, reopened } = nameClusters(agent.agent, byLabel, lineage, {
    closedBefore: known.filter(({ closed }) => closed),
    nowMs,
  })
  const idOf = (label: number): string => claimed.get(label) ?? ids[label] ?? ''
  return {
    ids: ids.map((_, label) => idOf(label)),
    placeOf: (clusterId, fingerprint) => {
      if (isFrozen(agent, clusterId)) return clusterId
      const label = labelOf(fingerprint)
      if (label === null) return ''
      const claimant = claimed.get(label)
      if (claimant === undefined) return ids[label] ?? ''
      return clusterId === '' || isWaiting(clusterId) ? waitingFor(claimant) : clusterId
    },
    opened: ids.filter((id, label) => id !== '' && lineage.origins[label]?.kind !== 'survived'),
    reopened,
    closed: lineage.closed.map(({ id }) => id),
    events: eventsOf(agent.agent, lineage, { ids, byLabel, reopened }),
  }
}

/** Clusters some of whose failures stay where they are, because a frozen cluster claims what they fall into. */
const keptBeside = (
  groups: readonly MemberGroup[],
  labelOf: LabelOf,
  claimed: ReadonlyMap<number, string>,
): ReadonlySet<string> =>
  new Set(
    groups.flatMap(({ clusterId, fingerprint }) => {
      const label = labelOf(fingerprint)
      return label !== null && claimed.has(label) ? [clusterId] : []
    }),
  )

/** Without labels that have no failures left, and without the end of clusters that still have some. */
const withoutEmpty = (
  { origins, closed }: Lineage,
  {
    byLabel,
    kept,
  }: { readonly byLabel: readonly MemberGroup[][]; readonly kept: ReadonlySet<string> },
): Lineage => ({
  origins: origins.map((origin, label) =>
    (byLabel[label]?.length ?? 0) === 0 ? { kind: 'none' } : origin,
  ),
  closed: closed.filter(({ id }) => !kept.has(id)),
})

const nameClusters = (
  agent: string,
  byLabel: readonly (readonly MemberGroup[])[],
  lineage: Lineage,
  {
    closedBefore,
    nowMs,
  }: { readonly closedBefore: readonly KnownCluster[]; readonly nowMs: number },
): { readonly ids: readonly string[]; readonly reopened: ReadonlySet<string> } => {
  const reopened = new Set<string>()
  const ids = lineage.origins.map((origin, label) => {
    if (origin.kind === 'none') return ''
    if (origin.kind === 'survived') return origin.id
    const groups = byLabel[label] ?? []
    const returned = returnedCluster(groups, closedBefore, reopened)
    if (returned === null) return newId(agent, groups, nowMs)
    reopened.add(returned)
    return returned
  })
  return { ids, reopened }
}

/** The closed cluster whose fingerprints at least half of these failures have, the best of several. */
const returnedCluster = (
  groups: readonly MemberGroup[],
  closed: readonly KnownCluster[],
  taken: ReadonlySet<string>,
): string | null => {
  const all = weightOf(groups)
  const [best] = closed
    .filter(({ id }) => !taken.has(id))
    .map(({ id, fingerprints }) => {
      const known = new Set(fingerprints)
      return { id, hits: weightOf(groups.filter(({ fingerprint }) => known.has(fingerprint))) }
    })
    .filter(({ hits }) => hits > 0 && hits * 2 >= all)
    .sort((a, b) => b.hits - a.hits || (a.id < b.id ? -1 : 1))
  return best?.id ?? null
}

const weightOf = (groups: readonly MemberGroup[]): number =>
  groups.reduce((sum, { failures }) => sum + failures, 0)

const newId = (agent: string, groups: readonly MemberGroup[], nowMs: number): string => {
  const first = groups.map(({ fingerprint }) => fingerprint).sort()[0] ?? ''
  return `c-${sha256(`${agent}\n${first}\n${nowMs}`).slice(0, 16)}`
}

interface Named {
  readonly ids: readonly string[]
  readonly byLabel: readonly (readonly MemberGroup[])[]
  readonly reopened: ReadonlySet<string>
}

/** A cluster that survives unchanged says nothing; one that others split from or merged into names them. */
const eventsOf = (
  agent: string,
  { origins, closed }: Lineage,
  { ids, byLabel, reopened }: Named,
): readonly Omit<ClusterEvent, 'at'>[] => {
  const related = new Map<string, string[]>()
  const relate = (id: string, other: string): void => {
    related.set(id, [...(related.get(id) ?? []), other])
  }
  const ended = closed.map(({ id, into }) => {
    const heir = into === null ? null : (ids[into] ?? '')
    if (heir !== null) relate(heir, id)
    return {
      clusterId: id,
      agent,
      kind: heir === null ? ('vanished' as const) : ('merged' as const),
      relatedIds: heir === null ? [] : [heir],
      failures: 0,
    }
  })
  for (const [label, origin] of origins.entries())
    if (origin.kind === 'split') relate(origin.parent, ids[label] ?? '')
  const living = origins.flatMap((origin, label): readonly Omit<ClusterEvent, 'at'>[] => {
    if (origin.kind === 'none') return []
    const id = ids[label] ?? ''
    const relatives = related.get(id) ?? []
    if (origin.kind === 'survived' && relatives.length === 0) return []
    const kind = reopened.has(id) ? 'reopened' : origin.kind
    const relatedIds = origin.kind === 'split' ? [origin.parent, ...relatives] : relatives
    return [{ clusterId: id, agent, kind, relatedIds, failures: weightOf(byLabel[label] ?? []) }]
  })
  return [...ended, ...living]
}
