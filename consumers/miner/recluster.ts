import {
  clusterFingerprints,
  type FingerprintClusters,
} from '../clustering/cluster-fingerprints.ts'
import { deterministicDiagnosis } from '../diagnosis/deterministic-diagnosis.ts'
import { summariseCluster } from '../diagnosis/summarise-cluster.ts'
import type { EmbeddingSpace, WeightedFingerprint } from '../embedding/embedder.ts'
import { evidenceOf } from './evidence-of.ts'
import { memberRow } from './member-rows.ts'
import { change, type Miner } from './miner-services.ts'
import {
  type AgentState,
  agentStateOf,
  dropMember,
  type KnownCluster,
  type Member,
  type MinerState,
  NEVER_ASKED,
  nextVersion,
  putMember,
} from './miner-state.ts'
import { clusterRow, readBodies } from './miner-store.ts'
import { predictLabels } from './place-online.ts'
import { planReclustering, type ReclusteringPlan } from './plan-reclustering.ts'
import { oldestMs } from './plan-runs.ts'
import { populationOf } from './population-of.ts'
import { publishClusterEvents, publishRankings } from './publish.ts'
import { factsOf } from './ranking-of.ts'

const ROWS_PER_INSERT = 1000
/** So many fingerprints a cluster is known by when it returns. */
const KEPT_FINGERPRINTS = 100

/**
 * Clusters the window of an agent anew. The long part works on a copy; what arrived meanwhile is placed in the result.
 * Rows of clusters are stored first, then the lineage is published, then the members move: after a crash in between the
 * members are where they were, and a cluster without members vanishes at the next re-clustering.
 */
export const recluster = async (miner: Miner, agentName: string): Promise<void> => {
  const { configuration, clock, metrics } = miner.context
  const startedMs = clock.nowMs()
  const population = await miner.serial(async () => {
    const state = await miner.state()
    const agent = agentStateOf(state, agentName)
    agent.dirty = false
    agent.reclusteredAtMs = startedMs
    evict(state, agent, oldestMs(agent.streamMs, configuration.miner))
    return populationOf(agent.members.values())
  })
  const space = await fitOrLeaveDirty(miner, agentName, population)
  const clusters = clusterFingerprints({
    points: space.points,
    dimensions: space.dimensions,
    weights: population.map(({ weight }) => weight),
    minClusterSize: configuration.miner.minClusterSize,
  })
  await change(miner, (state) =>
    apply(miner, state, agentStateOf(state, agentName), { population, space, clusters }),
  )
  metrics.record('neosigma.miner.reclustering.ms', clock.nowMs() - startedMs)
}

const fitOrLeaveDirty = async (
  miner: Miner,
  agentName: string,
  population: readonly WeightedFingerprint[],
): Promise<EmbeddingSpace> => {
  try {
    return await miner.embedder.fit(population)
  } catch (error) {
    await miner.serial(async () => {
      agentStateOf(await miner.state(), agentName).dirty = true
    })
    throw error
  }
}

interface Clustering {
  readonly population: readonly WeightedFingerprint[]
  readonly space: EmbeddingSpace
  readonly clusters: FingerprintClusters
}

const evict = (state: MinerState, agent: AgentState, beforeMs: number): void => {
  for (const { traceId, atMs } of [...agent.members.values()])
    if (atMs < beforeMs) dropMember(state, agent, traceId)
}

const apply = async (
  { context }: Miner,
  state: MinerState,
  agent: AgentState,
  clustering: Clustering,
): Promise<void> => {
  const nowMs = context.clock.nowMs()
  const labels = await labelsOf(agent, clustering)
  const plan = planReclustering(
    agent,
    ({ fingerprint }) => {
      const label = labels.get(fingerprint.key) ?? -1
      return label < 0 ? null : label
    },
    clustering.clusters.count,
    nowMs,
  )
  const groups = Map.groupBy(
    agent.members.values(),
    ({ traceId }) => plan.idOfTrace.get(traceId) ?? '',
  )
  const changed = changedClusters(agent, plan, groups, nowMs)
  const version = nextVersion(state, nowMs)
  if (changed.length > 0)
    await context.store.insert(
      'neosigma_clusters',
      changed.map((cluster) =>
        clusterRow(agent.agent, cluster, factsOf(groups.get(cluster.id) ?? []), version),
      ),
    )
  await publishClusterEvents(context, plan.events, nowMs)
  const moved = movedMembers(agent, plan)
  await storeMoves(context.store, agent.agent, moved, version)
  for (const cluster of changed) agent.clusters.set(cluster.id, cluster)
  for (const member of moved) putMember(state, agent, member)
  for (const [id, group] of groups) keepFingerprints(agent, id, group)
  agent.placement = {
    space: clustering.space,
    clusters: clustering.clusters,
    ids: plan.ids,
    idOfFingerprint: new Map(
      [...labels].map(([key, label]) => [key, label < 0 ? '' : (plan.ids[label] ?? '')]),
    ),
  }
  if (moved.length > 0 || changed.length > 0) await publishRankings(context, [agent])
}

/** Label per fingerprint: clustered, or placed in the new clustering where it came later or was one too many. */
const labelsOf = async (
  agent: AgentState,
  { population, space, clusters }: Clustering,
): Promise<ReadonlyMap<string, number>> => {
  const labels = new Map(
    population.map(({ fingerprint }, row) => [fingerprint.key, clusters.labels[row] ?? -1]),
  )
  const others = new Map(
    [...agent.members.values()].flatMap(({ fingerprint }) =>
      labels.has(fingerprint.key) ? [] : [[fingerprint.key, fingerprint] as const],
    ),
  )
  const predicted = await predictLabels(space, clusters, [...others.values()])
  for (const [place, key] of [...others.keys()].entries()) labels.set(key, predicted[place] ?? -1)
  return labels
}

const movedMembers = (agent: AgentState, { idOfTrace }: ReclusteringPlan): readonly Member[] =>
  [...agent.members.values()].flatMap((member) => {
    const clusterId = idOfTrace.get(member.traceId) ?? ''
    return clusterId === member.clusterId ? [] : [{ ...member, clusterId }]
  })

const storeMoves = async (
  store: Miner['context']['store'],
  agent: string,
  moved: readonly Member[],
  version: string,
): Promise<void> => {
  for (let start = 0; start < moved.length; start += ROWS_PER_INSERT) {
    const part = moved.slice(start, start + ROWS_PER_INSERT)
    const bodies = await readBodies(
      store,
      agent,
      part.map(({ traceId }) => traceId),
    )
    await store.insert(
      'neosigma_cluster_members',
      part.map((member) => memberRow(agent, member, bodies.get(member.traceId) ?? '{}', version)),
    )
  }
}

const changedClusters = (
  agent: AgentState,
  plan: ReclusteringPlan,
  groups: ReadonlyMap<string, readonly Member[]>,
  nowMs: number,
): readonly KnownCluster[] => {
  const opened = plan.opened.map((id) => {
    const known = agent.clusters.get(id)
    const members = groups.get(id) ?? []
    // A cluster that returns keeps what was found out about it.
    return known === undefined
      ? newCluster(agent.agent, id, members, nowMs)
      : { ...known, closed: false, fingerprints: frequentFingerprints(members) }
  })
  const closed = plan.closed.flatMap((id) => {
    const known = agent.clusters.get(id)
    return known === undefined ? [] : [{ ...known, closed: true }]
  })
  return [...opened, ...closed]
}

/** What is known at once; the store and a model add to it afterwards. */
const newCluster = (
  agent: string,
  id: string,
  members: readonly Member[],
  nowMs: number,
): KnownCluster => {
  const evidence = evidenceOf(agent, members)
  const diagnosis = deterministicDiagnosis(evidence)
  return {
    id,
    createdAtMs: nowMs,
    closed: false,
    summary: summariseCluster(evidence, diagnosis),
    diagnosis,
    fingerprints: frequentFingerprints(members),
    basis: null,
    restored: false,
    asked: NEVER_ASKED,
  }
}

const keepFingerprints = (agent: AgentState, id: string, members: readonly Member[]): void => {
  const known = agent.clusters.get(id)
  if (known !== undefined && members.length > 0)
    agent.clusters.set(id, { ...known, fingerprints: frequentFingerprints(members) })
}

const frequentFingerprints = (members: readonly Member[]): readonly string[] =>
  [...Map.groupBy(members, ({ fingerprint }) => fingerprint.key)]
    .sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
    .slice(0, KEPT_FINGERPRINTS)
    .map(([key]) => key)
