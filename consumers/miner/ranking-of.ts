import type { ClusterRanking } from '../../schemas/cluster.ts'
import { type FailureCounts, failureWindow, windowStartMs } from '../priority/failure-window.ts'
import { rankClusters } from '../priority/rank-clusters.ts'
import type { AgentState, KnownCluster, Member } from './miner-state.ts'

export interface RankingSettings {
  readonly windowHours: number
  readonly halfLifeHours: number
}

const EXAMPLES = 5

/** The published ranking of an agent as of a time: every open cluster with failures in the window. */
export const rankingOf = (
  agent: AgentState,
  asOfMs: number,
  { windowHours, halfLifeHours }: RankingSettings,
): ClusterRanking => {
  const startMs = windowStartMs(asOfMs, windowHours)
  const members = [...agent.members.values()].filter(({ atMs }) => atMs >= startMs)
  const groups = Map.groupBy(members, ({ clusterId }) => clusterId)
  const clusters = [...agent.clusters.values()].flatMap((cluster) => {
    const group = groups.get(cluster.id)
    return cluster.closed || group === undefined
      ? []
      : [{ id: cluster.id, cluster, group, counts: countsOf(group) }]
  })
  return {
    agent: agent.agent,
    asOf: new Date(asOfMs).toISOString(),
    windowHours,
    halfLifeHours,
    failuresInWindow: members.length,
    noise: groups.get('')?.length ?? 0,
    clusters: rankClusters(clusters, { asOfMs, halfLifeHours }).map((ranked) => ({
      id: ranked.id,
      agent: agent.agent,
      ...factsOf(ranked.group),
      rank: ranked.rank,
      failures: ranked.failures,
      meanScore: ranked.meanScore,
      hoursSinceLatest: ranked.hoursSinceLatest,
      recency: ranked.recency,
      priority: ranked.priority,
      ...describe(ranked.cluster),
      latestAt: new Date(ranked.counts.latestMs).toISOString(),
    })),
  }
}

const countsOf = (members: readonly Member[]): FailureCounts =>
  members.reduce(failureWindow.add, failureWindow.empty)

const describe = ({ summary, diagnosis }: KnownCluster) => ({
  rootCauseType: diagnosis.rootCauseType,
  summary,
  diagnosis,
})

/** What the members of a cluster have in common: the listing in the store adds up the same. */
export const factsOf = (members: readonly Member[]) => ({
  taskType: commonTaskType(members),
  exampleTraceIds: newestFirst(members)
    .slice(0, EXAMPLES)
    .map(({ traceId }) => traceId),
  users: distinct(members.map(({ userId }) => userId)),
  sessions: distinct(members.map(({ sessionId }) => sessionId)),
})

export const newestFirst = (members: readonly Member[]): readonly Member[] =>
  members.toSorted((a, b) => b.atMs - a.atMs || (a.traceId < b.traceId ? -1 : 1))

/** The task type of all members, null where they differ. */
export const commonTaskType = (members: readonly Member[]): string | null => {
  const types = new Set(members.map(({ taskType }) => taskType))
  return types.size === 1 ? (members[0]?.taskType ?? null) : null
}

const distinct = (values: readonly (string | null)[]): number =>
  new Set(values.filter((value) => value !== null)).size
