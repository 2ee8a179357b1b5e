import type { ClusterRanking, RankedCluster } from '../../schemas/cluster.ts'
import { type ClusterCounts, isRanked, trendOf } from '../priority/cluster-counts.ts'
import { unseenKinds } from '../priority/failure-kinds.ts'
import { HOUR_MS } from '../priority/failure-window.ts'
import { recencyOf } from '../priority/priority-score.ts'
import { rankClusters } from '../priority/rank-clusters.ts'
import { countsOfCell, countsOfCluster } from '../priority/ranked-window.ts'
import { newestTraceIds, taskTypeOfCluster } from './cluster-members.ts'
import { isFrozen, waitingFor } from './frozen-clusters.ts'
import type { AgentState, KnownCluster } from './miner-state.ts'

export interface RankingSettings {
  readonly windowHours: number
  readonly halfLifeHours: number
}

/** Clusters of a published ranking, and of that of a task type: the first ones. */
export const MOST_PUBLISHED = 200
const MOST_OF_TASK_TYPE = 20
const MOST_TASK_TYPES = 50
const EXAMPLES = 5

/**
 * The published ranking of an agent as of a time, from a window that has been moved there: the open clusters with
 * failures in it, the first two hundred, and the first twenty of each task type.
 */
export const rankingOf = (
  agent: AgentState,
  asOfMs: number,
  { windowHours, halfLifeHours }: RankingSettings,
  reopenedMs: ReadonlyMap<string, number> = new Map(),
): ClusterRanking => {
  const { window } = agent
  const time = { asOfMs, halfLifeHours }
  const clusters = rankedClusters(agent).flatMap((counts) => {
    const known = agent.clusters.get(counts.id)
    return known === undefined
      ? []
      : [{ id: counts.id, of: counts, known, counts: countsOfCluster(window, counts) }]
  })
  const { counts: _, ...kinds } = window.kinds
  const { probability, low, high, kinds: unseen } = unseenKinds(window.kinds)
  return {
    agent: agent.agent,
    asOf: new Date(asOfMs).toISOString(),
    windowHours,
    halfLifeHours,
    failuresInWindow: kinds.failures,
    noise: noiseOf(agent),
    openClusters: window.ranking.size(),
    kinds: kinds.kinds,
    unseen: { probability, low, high, kinds: unseen },
    taskTypes: taskTypesOf(agent, time),
    clusters: rankClusters(clusters, time).map(
      (ranked): RankedCluster => ({
        id: ranked.id,
        agent: agent.agent,
        ...factsOf(agent, ranked.of),
        rank: ranked.rank,
        failures: ranked.failures,
        meanScore: ranked.meanScore,
        hoursSinceLatest: ranked.hoursSinceLatest,
        recency: ranked.recency,
        priority: ranked.priority,
        ...describe(ranked.known),
        latestAt: isoOf(ranked.counts.latestMs),
        novelty: recencyOf(Math.max(0, asOfMs - ranked.known.createdAtMs) / HOUR_MS, halfLifeHours),
        trend: trendOf(ranked.of.hours, asOfMs),
        frozen: isFrozen(agent, ranked.id),
        waiting: window.clusters.get(waitingFor(ranked.id))?.count ?? 0,
        reopenedAt: reopenedAt(reopenedMs.get(ranked.id)),
      }),
    ),
  }
}

/** Open clusters with failures in the window, in order of their keys, as many as are published. */
export const rankedClusters = (agent: AgentState): readonly ClusterCounts[] =>
  agent.window.ranking.first(MOST_PUBLISHED, ({ id }) => agent.clusters.get(id)?.closed === false)

const isoOf = (ms: number): string => new Date(ms).toISOString()
const reopenedAt = (ms: number | undefined): string | null => (ms === undefined ? null : isoOf(ms))

/** Failures that belong to no cluster, or may not join one yet. */
const noiseOf = ({ window }: AgentState): number => {
  let noise = 0
  for (const { id, count } of window.clusters.values()) if (!isRanked(id)) noise += count
  return noise
}

const taskTypesOf = (
  { window, clusters }: AgentState,
  time: { readonly asOfMs: number; readonly halfLifeHours: number },
): NonNullable<ClusterRanking['taskTypes']> =>
  [...window.taskTypes]
    .sort(([a, m], [b, n]) => n.failures - m.failures || ((a ?? '') < (b ?? '') ? -1 : 1))
    .slice(0, MOST_TASK_TYPES)
    .map(([taskType, { ranking, failures, noise }]) => ({
      taskType,
      failures,
      noise,
      clusters: rankClusters(
        ranking
          .first(MOST_OF_TASK_TYPE, ({ cluster }) => clusters.get(cluster.id)?.closed === false)
          .map((cell) => ({ id: cell.cluster.id, counts: countsOfCell(window, cell) })),
        time,
      ).map(({ counts: _, ...figures }) => figures),
    }))

const describe = ({ summary, diagnosis }: KnownCluster) => ({
  rootCauseType: diagnosis.rootCauseType,
  summary,
  diagnosis,
})

/** What the members of a cluster have in common: the listing in the store adds up the same. */
export const factsOf = (agent: AgentState, { id, users, sessions }: ClusterCounts) => ({
  taskType: taskTypeOfCluster(agent, id),
  exampleTraceIds: [...newestTraceIds(agent, id, EXAMPLES)],
  users,
  sessions,
})
