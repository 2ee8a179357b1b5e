import type { ClusterRanking, RankedCluster, RootCauseType } from '../../schemas/cluster.ts'
import type { Policy } from '../../schemas/policy.ts'
import type { AgentState } from './agent-state.ts'
import type { CycleState } from './cycle-state.ts'

/**
 * The cluster that the next cycle takes: the first of the ranking that has failures enough and does not rest. One that a
 * cycle has repaired has to fail again first: its old failures stay in the window for days. One that nothing could be done
 * about is taken up again as soon as more is known of its cause.
 */
export const chooseTarget = (
  { cycles }: AgentState,
  ranking: ClusterRanking,
  { target }: Policy,
  nowMs: number,
): RankedCluster | null => {
  const rests = (cluster: RankedCluster): boolean => {
    const last = cycles.findLast((cycle) => cycle.cluster.id === cluster.id)
    if (last === undefined || isUnderstoodBetter(last, cluster)) return false
    const finishedMs = Date.parse(last.finishedAt ?? '')
    const repaired = last.outcome === 'Deployed' && Date.parse(cluster.latestAt) <= finishedMs
    return repaired || nowMs < Date.parse(last.coolDownUntil ?? '')
  }
  const eligible = ranking.clusters
    .filter((cluster) => cluster.failures >= target.minFailures && !rests(cluster))
    .sort((a, b) => a.rank - b.rank)
  return eligible[0] ?? null
}

/** Causes that lie in what the loop may change. */
export const isRepairable = ({ diagnosis }: Pick<RankedCluster, 'diagnosis'>): boolean =>
  REPAIRABLE.includes(diagnosis.rootCauseType)

const REPAIRABLE: readonly RootCauseType[] = ['prompt', 'harness', 'scaffold']

/** A cluster is ranked before it is diagnosed: what a cycle has left alone may have got a cause since. */
const isUnderstoodBetter = (last: CycleState, now: RankedCluster): boolean => {
  if (last.outcome !== 'NoChange' || !isRepairable(now)) return false
  const before = last.cluster
  const byModel = before.diagnosis.source === 'deterministic' && now.diagnosis.source === 'model'
  return !isRepairable(before) || byModel
}
