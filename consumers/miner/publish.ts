import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import type { ClusterEvent } from '../../schemas/cluster.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { AgentState } from './miner-state.ts'
import { rankingOf } from './ranking-of.ts'

const SOURCE = '/neosigma/miner'

/** Publishes the whole ranking of each agent: the newest record is the state. */
export const publishRankings = async (
  { log, clock, configuration, metrics }: RoleContext,
  agents: Iterable<AgentState>,
): Promise<void> => {
  const asOfMs = clock.nowMs()
  const records = [...agents].map((agent) => {
    const ranking = rankingOf(agent, asOfMs, configuration.miner)
    return encodeEvent(TOPICS.rankedClusters, ranking, {
      id: digestOf(ranking),
      source: SOURCE,
      time: ranking.asOf,
      key: agent.agent,
    })
  })
  if (records.length === 0) return
  await log.append(records)
  metrics.count('neosigma.miner.rankings', records.length)
}

export const publishClusterEvents = async (
  { log, metrics }: RoleContext,
  events: readonly Omit<ClusterEvent, 'at'>[],
  nowMs: number,
): Promise<void> => {
  if (events.length === 0) return
  const at = isoOf(nowMs)
  await log.append(
    events.map((event) => {
      const full: ClusterEvent = { ...event, at }
      return encodeEvent(TOPICS.clusterEvents, full, {
        id: digestOf(full),
        source: SOURCE,
        time: at,
        key: event.clusterId,
      })
    }),
  )
  for (const { kind } of events) metrics.count('neosigma.miner.cluster.events', 1, { kind })
}
