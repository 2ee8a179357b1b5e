import type { ClusterRanking, RankedCluster } from '../../schemas/cluster.ts'
import type { Policy } from '../../schemas/policy.ts'
import type { AgentState } from './agent-state.ts'
import type { CycleState } from './cycle-state.ts'

/**
 * The cluster that the next cycle takes: the first of the ranking that has failures enough and does not rest. One that a
 * cycle has repaired has to fail again first: its old failures stay in the window for days.
 */
export const chooseTarget = (
  { cycles }: AgentState,
  ranking: ClusterRanking,
  { target }: Policy,
  nowMs: number,
): RankedCluster | null => {
  const lastOf = (id: string): CycleState | undefined =>
    cycles.findLast(({ cluster }) => cluster.id === id)
  const rests = (cluster: RankedCluster): boolean => {
    const last = lastOf(cluster.id)
    if (last === undefined) return false
    const finishedMs = Date.parse(last.finishedAt ?? '')
    const repaired = last.outcome === 'Deployed' && Date.parse(cluster.latestAt) <= finishedMs
    return repaired || nowMs < Date.parse(last.coolDownUntil ?? '')
  }
  const eligible = ranking.clusters
    .filter((cluster) => cluster.failures >= target.minFailures && !rests(cluster))
    .sort((a, b) => a.rank - b.rank)
  return eligible[0] ?? null
}
