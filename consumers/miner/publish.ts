import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { digestOf, sha256 } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import type { ClusterEvent } from '../../schemas/cluster.ts'
import { type ClusterEventRow, storeTime } from '../../schemas/tables.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { windowStartMs } from '../priority/failure-window.ts'
import { isAnotherKey, publishDueMs } from '../priority/publish-due.ts'
import { advanceWindow } from '../priority/ranked-window.ts'
import { evictMembers } from './members.ts'
import { type AgentState, type MinerState, markChanged } from './miner-state.ts'
import { oldestMs } from './plan-runs.ts'
import { MOST_PUBLISHED, rankedClusters, rankingOf } from './ranking-of.ts'

const SOURCE = '/neosigma/miner'
/** Least time between two publications of an agent: so long, and so many times as long as the last one took. */
const PAUSE_MS = 200
const REST = 4
/** So long waits what is not material. */
const DELAY_MS = 500

/** Publishes the whole ranking of each agent: the newest record is the state. */
export const publishRankings = async (
  { log, clock, configuration, metrics }: RoleContext,
  state: MinerState,
  agents: Iterable<AgentState>,
): Promise<void> => {
  const asOfMs = clock.nowMs()
  const published = [...agents].map((agent) => {
    moveWindow(agent, asOfMs, configuration.miner)
    return { agent, ranking: rankingOf(agent, asOfMs, configuration.miner, state.reopenedMs) }
  })
  if (published.length === 0) return
  await log.append(
    published.map(({ agent, ranking }) =>
      encodeEvent(TOPICS.rankedClusters, ranking, {
        // Its members are always in this order: no need of the canonical form, which takes long.
        id: `sha256:${sha256(JSON.stringify(ranking))}`,
        source: SOURCE,
        time: ranking.asOf,
        key: agent.agent,
      }),
    ),
  )
  const tookMs = clock.nowMs() - asOfMs
  for (const { agent } of published) notePublished(agent, asOfMs, tookMs)
  metrics.count('neosigma.miner.rankings', published.length)
}

const notePublished = (agent: AgentState, nowMs: number, tookMs: number): void => {
  noteTouched(agent, nowMs)
  const keys = rankedClusters(agent).flatMap(({ id, key }) =>
    key === null ? [] : [[id, key] as const],
  )
  Object.assign(agent.publication, {
    lastMs: nowMs,
    tookMs,
    changedMs: null,
    isMaterial: false,
    keys: new Map(keys),
  })
}

/** Publishes the rankings that are due; the others wait until they are material, or old enough. */
export const publishDue = async (
  context: RoleContext,
  state: MinerState,
  agents: Iterable<AgentState>,
): Promise<void> => {
  const nowMs = context.clock.nowMs()
  const ageMs = context.configuration.miner.publishAgeMs
  const due = [...agents].filter((agent) => {
    moveWindow(agent, nowMs, context.configuration.miner)
    noteTouched(agent, nowMs)
    const pauseMs = Math.max(PAUSE_MS, REST * agent.publication.tookMs)
    return publishDueMs(agent.publication, { pauseMs, delayMs: DELAY_MS, ageMs }) <= nowMs
  })
  await publishRankings(context, state, due)
}

/** Moves the window of an agent to a time, and drops what is too old to be of use. */
const moveWindow = (
  agent: AgentState,
  nowMs: number,
  settings: { readonly windowHours: number; readonly graceHours: number },
): void => {
  const { window } = agent
  advanceWindow(window, windowStartMs(Math.max(nowMs, window.streamMs), settings.windowHours))
  agent.drift.changes += evictMembers(agent, oldestMs(window.streamMs, settings))
  if (window.touched.size > 0) markChanged(agent, nowMs)
}

/** Takes down which clusters have changed, and whether that is worth a publication at once. */
const noteTouched = (agent: AgentState, nowMs: number): void => {
  const { window, publication } = agent
  for (const id of window.touched) {
    agent.undiagnosed.add(id)
    publication.changedMs ??= nowMs
    publication.isMaterial ||= isMaterial(agent, id)
  }
  window.touched.clear()
}

const isMaterial = ({ window, publication }: AgentState, id: string): boolean => {
  const key = window.clusters.get(id)?.key ?? null
  if (!isAnotherKey(publication.keys.get(id), key)) return false
  // What stands behind the last one that is published is not seen.
  return (
    publication.keys.has(id) || (key !== null && window.ranking.rankOf(key, id) <= MOST_PUBLISHED)
  )
}

/** Lineage goes to the table of listings, then to everybody. */
export const publishClusterEvents = async (
  { log, store, metrics }: RoleContext,
  events: readonly Omit<ClusterEvent, 'at'>[],
  nowMs: number,
): Promise<void> => {
  if (events.length === 0) return
  const at = isoOf(nowMs)
  await store.insert(
    'neosigma_cluster_events',
    events.map((event) => eventRow(event, nowMs)),
  )
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

const eventRow = (event: Omit<ClusterEvent, 'at'>, nowMs: number): ClusterEventRow => ({
  Agent: event.agent,
  ClusterId: event.clusterId,
  Kind: event.kind,
  RelatedIds: event.relatedIds,
  Failures: String(event.failures),
  At: storeTime(nowMs),
})
