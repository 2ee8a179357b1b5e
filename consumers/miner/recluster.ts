import type { FingerprintClusters } from '../clustering/cluster-fingerprints.ts'
import { deterministicDiagnosis } from '../diagnosis/deterministic-diagnosis.ts'
import { summariseCluster } from '../diagnosis/summarise-cluster.ts'
import type { EmbeddingSpace, WeightedFingerprint } from '../embedding/embedder.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import { heldFingerprints, keyAt } from '../fingerprint/fingerprint-table.ts'
import { traceIdOfRow } from '../priority/failure-table.ts'
import { moveFailure } from '../priority/ranked-window.ts'
import { clusterInWorker } from './cluster-in-worker.ts'
import { clusterMembers } from './cluster-members.ts'
import { evidenceOf } from './evidence-of.ts'
import { storedCluster } from './frozen-clusters.ts'
import { type MemberGroup, memberGroups } from './member-groups.ts'
import { clusterOfRow, evictMembers, fingerprintOfRow, membersIn, rowsOf } from './members.ts'
import { change, type Miner } from './miner-services.ts'
import {
  type AgentState,
  agentStateOf,
  type KnownCluster,
  type MinerState,
  NEVER_ASKED,
  nextVersion,
} from './miner-state.ts'
import { clusterRow, moveRows } from './miner-store.ts'
import { predictLabels } from './place-online.ts'
import { planReclustering, type ReclusteringPlan } from './plan-reclustering.ts'
import { oldestMs } from './plan-runs.ts'
import { heaviest } from './population-of.ts'
import { publishClusterEvents, publishRankings } from './publish.ts'
import { rememberedFingerprints } from './remembered-fingerprints.ts'

/** Fingerprints that are placed before others get their turn. */
const PLACED_AT_ONCE = 32

/**
 * Clusters the window of an agent anew. The long part works on a copy, in a thread of its own; what arrived meanwhile is
 * placed in the result. Rows of clusters are stored first, then the lineage is published, then the members move: after a
 * crash in between the members are where they were, and a cluster without members vanishes at the next re-clustering.
 */
export const recluster = async (miner: Miner, agentName: string): Promise<void> => {
  const { configuration, clock, metrics } = miner.context
  const startedMs = clock.nowMs()
  const held = await miner.serial(async () => {
    const agent = agentStateOf(await miner.state(), agentName)
    agent.dirty = false
    agent.reclusteredAtMs = startedMs
    evictMembers(agent, oldestMs(agent.window.streamMs, configuration.miner))
    Object.assign(agent.drift, { changes: 0, strangers: 0, basis: membersIn(agent) })
    return [...heldFingerprints(agent.fingerprints)]
  })
  const clustering = await clusterOrLeaveDirty(miner, agentName, held)
  await placeArrivals(miner, agentName, clustering)
  await change(miner, async (state) => {
    const agent = agentStateOf(state, agentName)
    await apply(miner, state, agent, clustering)
    agent.reclusteringMs = clock.nowMs() - startedMs
  })
  metrics.record('neosigma.miner.reclustering.ms', clock.nowMs() - startedMs)
}

const clusterOrLeaveDirty = async (
  miner: Miner,
  agentName: string,
  held: readonly WeightedFingerprint[],
): Promise<Clustering> => {
  try {
    return await clusterHeld(miner, held)
  } catch (error) {
    await miner.serial(async () => {
      const agent = agentStateOf(await miner.state(), agentName)
      agent.dirty = true
      agent.drift.strangers++
    })
    throw error
  }
}

/** The most frequent fingerprints are clustered, the others placed among them. */
const clusterHeld = async (
  { embedder, context }: Miner,
  held: readonly WeightedFingerprint[],
): Promise<Clustering> => {
  const population = heaviest(held)
  const space = await embedder.fit(population)
  const clustered = new Set(population.map(({ fingerprint }) => fingerprint.key))
  const others = held.flatMap(({ fingerprint }) =>
    clustered.has(fingerprint.key) ? [] : [fingerprint],
  )
  const { clusters, placed } = await clusterInWorker({
    points: space.points,
    dimensions: space.dimensions,
    weights: population.map(({ weight }) => weight),
    minClusterSize: context.configuration.miner.minClusterSize,
    others: others.length === 0 ? new Float32Array(0) : await space.embed(others),
  })
  const labels = new Map([
    ...population.map(
      ({ fingerprint }, row) => [fingerprint.key, clusters.labels[row] ?? -1] as const,
    ),
    ...others.map(({ key }, place) => [key, placed[place] ?? -1] as const),
  ])
  return { space, clusters, labels }
}

interface Clustering {
  readonly space: EmbeddingSpace
  readonly clusters: FingerprintClusters
  /** Label per fingerprint. */
  readonly labels: Map<string, number>
}

/** Places what has arrived since, a few at a time, so that nobody waits for all of it. */
const placeArrivals = async (
  miner: Miner,
  agentName: string,
  clustering: Clustering,
): Promise<void> => {
  const arrivals = await miner.serial(async () =>
    unlabelled(agentStateOf(await miner.state(), agentName), clustering),
  )
  for (let start = 0; start < arrivals.length; start += PLACED_AT_ONCE) {
    await label(clustering, arrivals.slice(start, start + PLACED_AT_ONCE))
    await miner.context.clock.sleep(0)
  }
}

const unlabelled = (agent: AgentState, { labels }: Clustering): readonly Fingerprint[] =>
  [...heldFingerprints(agent.fingerprints, (key) => !labels.has(key))].map(
    ({ fingerprint }) => fingerprint,
  )

const label = async (
  { space, clusters, labels }: Clustering,
  fingerprints: readonly Fingerprint[],
): Promise<void> => {
  const found = await predictLabels(space, clusters, fingerprints)
  for (const [place, { key }] of fingerprints.entries()) labels.set(key, found[place] ?? -1)
}

const apply = async (
  { context }: Miner,
  state: MinerState,
  agent: AgentState,
  clustering: Clustering,
): Promise<void> => {
  const nowMs = context.clock.nowMs()
  await label(clustering, unlabelled(agent, clustering))
  const { labels } = clustering
  const labelOf = (key: string): number | null => {
    const label = labels.get(key) ?? -1
    return label < 0 ? null : label
  }
  const { count } = clustering.clusters
  const plan = planReclustering(agent, { groups: memberGroups(agent), labelOf, count, nowMs })
  const moves = movesOf(agent, plan)
  // Should the store not take it, memory is read anew.
  for (const { row, to } of moves) moveFailure(state.windows, agent.window, row, to)
  const frequent = frequentFingerprints(memberGroups(agent))
  const changed = changedClusters(agent, plan, frequent, nowMs)
  const version = nextVersion(state, nowMs)
  if (changed.length > 0)
    await context.store.insert(
      'neosigma_clusters',
      changed.map((cluster) => clusterRow(agent, cluster, version)),
    )
  await publishClusterEvents(context, plan.events, nowMs)
  await moveRows(
    context.store,
    agent.agent,
    moves.map(({ row, to }) => ({
      traceId: traceIdOfRow(agent.window.table, row),
      clusterId: storedCluster(to),
    })),
    version,
  )
  for (const cluster of changed) agent.clusters.set(cluster.id, cluster)
  for (const [id, fingerprints] of frequent) {
    const known = agent.clusters.get(id)
    if (known !== undefined)
      agent.clusters.set(id, {
        ...known,
        fingerprints: rememberedFingerprints(known.fingerprints, fingerprints),
      })
  }
  for (const id of plan.reopened) state.reopenedMs.set(id, nowMs)
  agent.placement = {
    space: clustering.space,
    clusters: clustering.clusters,
    ids: plan.ids,
    idOfFingerprint: new Map(
      [...labels].map(([key, label]) => [key, label < 0 ? '' : (plan.ids[label] ?? '')]),
    ),
  }
  if (moves.length > 0 || changed.length > 0) await publishRankings(context, state, [agent])
}

interface RowMove {
  readonly row: number
  readonly to: string
}

const movesOf = (agent: AgentState, { placeOf }: ReclusteringPlan): readonly RowMove[] => {
  const moves: RowMove[] = []
  for (const row of rowsOf(agent)) {
    const from = clusterOfRow(agent, row)
    const key = keyAt(agent.fingerprints, fingerprintOfRow(agent, row))
    const to = placeOf(from, key)
    if (from !== to) moves.push({ row, to })
  }
  return moves
}

const changedClusters = (
  agent: AgentState,
  plan: ReclusteringPlan,
  frequent: ReadonlyMap<string, readonly string[]>,
  nowMs: number,
): readonly KnownCluster[] => {
  const opened = plan.opened.map((id) => {
    const known = agent.clusters.get(id)
    const fingerprints = frequent.get(id) ?? []
    // A cluster that returns keeps what was found out about it.
    return known === undefined
      ? newCluster(agent, id, fingerprints, nowMs)
      : {
          ...known,
          closed: false,
          fingerprints: rememberedFingerprints(known.fingerprints, fingerprints),
        }
  })
  const closed = plan.closed.flatMap((id) => {
    const known = agent.clusters.get(id)
    return known === undefined ? [] : [{ ...known, closed: true }]
  })
  return [...opened, ...closed]
}

/** What is known at once; the store and a model add to it afterwards. */
const newCluster = (
  agent: AgentState,
  id: string,
  fingerprints: readonly string[],
  nowMs: number,
): KnownCluster => {
  const evidence = evidenceOf(agent.agent, clusterMembers(agent, id))
  const diagnosis = deterministicDiagnosis(evidence)
  return {
    id,
    createdAtMs: nowMs,
    closed: false,
    summary: summariseCluster(evidence, diagnosis),
    diagnosis,
    fingerprints,
    basis: null,
    restored: false,
    asked: NEVER_ASKED,
  }
}

/** The most frequent fingerprints of each cluster: by them it is known when it returns. */
const frequentFingerprints = (
  groups: readonly MemberGroup[],
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(groups, ({ clusterId }) => clusterId)].map(([id, list]) => [
      id,
      list
        .toSorted((a, b) => b.failures - a.failures || (a.fingerprint < b.fingerprint ? -1 : 1))
        .map(({ fingerprint }) => fingerprint),
    ]),
  )
