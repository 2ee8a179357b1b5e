import { sha256 } from '../../schemas/canonical-json.ts'
import type { ClusterEvent } from '../../schemas/cluster.ts'
import { type Lineage, type Move, matchClusters } from '../clustering/match-clusters.ts'
import type { AgentState, KnownCluster, Member } from './miner-state.ts'

export interface ReclusteringPlan {
  /** Id per label of the new clustering. */
  readonly ids: readonly string[]
  /** Cluster id per trace, for every member. */
  readonly idOfTrace: ReadonlyMap<string, string>
  /** Ids of clusters that did not exist, or were closed. */
  readonly opened: readonly string[]
  readonly closed: readonly string[]
  readonly events: readonly Omit<ClusterEvent, 'at'>[]
}

/** New label per member; null is noise. */
export type LabelOf = (member: Member) => number | null

/**
 * Which identities a new clustering has, and what became of the old ones. Ids are made once, of the agent, the first
 * fingerprint and the time, and never used for another cluster; a closed cluster that returns takes its own id again.
 */
export const planReclustering = (
  agent: AgentState,
  labelOf: LabelOf,
  count: number,
  nowMs: number,
): ReclusteringPlan => {
  const members = [...agent.members.values()]
  const byLabel: Member[][] = Array.from({ length: count }, () => [])
  const moves = members.map((member): Move => {
    const after = labelOf(member)
    if (after !== null) byLabel[after]?.push(member)
    return { before: member.clusterId || null, after, weight: 1 }
  })
  const open = [...agent.clusters.values()].flatMap(({ id, closed }) => (closed ? [] : [id])).sort()
  const lineage = matchClusters(moves, count, open)
  const closedBefore = [...agent.clusters.values()].filter(({ closed }) => closed)
  const { ids, reopened } = nameClusters(agent.agent, byLabel, lineage, { closedBefore, nowMs })
  return {
    ids,
    idOfTrace: new Map(
      members.map((member, place) => [member.traceId, idAt(ids, moves[place]?.after ?? null)]),
    ),
    opened: ids.filter((_, label) => lineage.origins[label]?.kind !== 'survived'),
    closed: lineage.closed.map(({ id }) => id),
    events: eventsOf(agent.agent, lineage, { ids, byLabel, reopened }),
  }
}

const idAt = (ids: readonly string[], label: number | null): string =>
  label === null ? '' : (ids[label] ?? '')

const nameClusters = (
  agent: string,
  byLabel: readonly (readonly Member[])[],
  lineage: Lineage,
  {
    closedBefore,
    nowMs,
  }: { readonly closedBefore: readonly KnownCluster[]; readonly nowMs: number },
): { readonly ids: readonly string[]; readonly reopened: ReadonlySet<string> } => {
  const reopened = new Set<string>()
  const ids = lineage.origins.map((origin, label) => {
    if (origin.kind === 'survived') return origin.id
    const members = byLabel[label] ?? []
    const returned = returnedCluster(members, closedBefore, reopened)
    if (returned === null) return newId(agent, members, nowMs)
    reopened.add(returned)
    return returned
  })
  return { ids, reopened }
}

/** The closed cluster whose fingerprints at least half of these members have, the best of several. */
const returnedCluster = (
  members: readonly Member[],
  closed: readonly KnownCluster[],
  taken: ReadonlySet<string>,
): string | null => {
  const [best] = closed
    .filter(({ id }) => !taken.has(id))
    .map(({ id, fingerprints }) => {
      const known = new Set(fingerprints)
      return { id, hits: members.filter(({ fingerprint }) => known.has(fingerprint.key)).length }
    })
    .filter(({ hits }) => hits > 0 && hits * 2 >= members.length)
    .sort((a, b) => b.hits - a.hits || (a.id < b.id ? -1 : 1))
  return best?.id ?? null
}

const newId = (agent: string, members: readonly Member[], nowMs: number): string => {
  const first = members.map(({ fingerprint }) => fingerprint.key).sort()[0] ?? ''
  return `c-${sha256(`${agent}\n${first}\n${nowMs}`).slice(0, 16)}`
}

interface Named {
  readonly ids: readonly string[]
  readonly byLabel: readonly (readonly Member[])[]
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
    const heir = into === null ? null : idAt(ids, into)
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
    if (origin.kind === 'split') relate(origin.parent, idAt(ids, label))
  const living = origins.flatMap((origin, label): readonly Omit<ClusterEvent, 'at'>[] => {
    const id = idAt(ids, label)
    const relatives = related.get(id) ?? []
    if (origin.kind === 'survived' && relatives.length === 0) return []
    const kind = reopened.has(id) ? 'reopened' : origin.kind
    const relatedIds = origin.kind === 'split' ? [origin.parent, ...relatives] : relatives
    return [{ clusterId: id, agent, kind, relatedIds, failures: byLabel[label]?.length ?? 0 }]
  })
  return [...ended, ...living]
}
