import type { Diagnosis } from '../../schemas/cluster.ts'
import type { ClusterEvidence } from '../diagnosis/cluster-evidence.ts'
import { deterministicDiagnosis } from '../diagnosis/deterministic-diagnosis.ts'
import { type ClusterWeight, clustersToRefine } from '../diagnosis/needs-refinement.ts'
import { summariseCluster } from '../diagnosis/summarise-cluster.ts'
import { windowStartMs } from '../priority/failure-window.ts'
import { rankClusters } from '../priority/rank-clusters.ts'
import { countsOfCluster } from '../priority/ranked-window.ts'
import { askModel } from './ask-model.ts'
import { clusterMembers } from './cluster-members.ts'
import { basisOf, evidenceOf, fullEvidence, hasChanged } from './evidence-of.ts'
import { change, type Miner } from './miner-services.ts'
import {
  type AgentState,
  agentStateOf,
  type KnownCluster,
  NEVER_ASKED,
  nextVersion,
} from './miner-state.ts'
import { clusterRow, readBodies, readContrast } from './miner-store.ts'
import { rankedClusters } from './ranking-of.ts'

/** Calls of a model per agent and round: the rest waits for the next round, in order of priority. */
const CALLS_PER_ROUND = 4
const CONCURRENT_CALLS = 2
/** A model that gave nothing usable is asked again so often, and not sooner. */
const MOST_CALLS = 3
const CALL_PAUSE_MS = 30_000

interface Due {
  readonly cluster: KnownCluster
  readonly evidence: ClusterEvidence
  /** Also a model is to be asked. */
  readonly ask: boolean
}

/**
 * Diagnoses the clusters of an agent that are new or have changed: first by rules, which are published at once, then by
 * the model where there is one. The ranking never waits for a model; an answer that cannot be used leaves the rules.
 */
export const diagnoseDue = async (miner: Miner, agentName: string): Promise<void> => {
  const { due, refined } = await miner.serial(async () => {
    const agent = agentStateOf(await miner.state(), agentName)
    return { due: dueClusters(miner, agent), refined: clustersToRefine(weightsOf(miner, agent)) }
  })
  if (due.length === 0) return
  const complete = await withStoreEvidence(miner, agentName, due)
  await keep(
    miner,
    agentName,
    complete.map(({ cluster, evidence }) => ({
      id: cluster.id,
      evidence,
      diagnosis: deterministicDiagnosis(evidence),
    })),
  )
  const asked = complete.filter(({ ask }) => ask).slice(0, CALLS_PER_ROUND)
  for (let start = 0; start < asked.length; start += CONCURRENT_CALLS)
    await Promise.all(
      asked.slice(start, start + CONCURRENT_CALLS).map(async ({ cluster, evidence }) => {
        const diagnosis = await askModel(miner, evidence, refined.has(cluster.id))
        if (diagnosis === 'postponed') return
        await noteAsked(miner, agentName, cluster.id)
        if (diagnosis !== null)
          await keep(miner, agentName, [{ id: cluster.id, evidence, diagnosis }])
      }),
    )
}

/** What decides which clusters are looked at run by run. */
const weightsOf = ({ context }: Miner, agent: AgentState): readonly ClusterWeight[] =>
  rankClusters(
    rankedClusters(agent).map((counts) => ({
      id: counts.id,
      counts: countsOfCluster(agent.window, counts),
    })),
    { asOfMs: context.clock.nowMs(), halfLifeHours: context.configuration.miner.halfLifeHours },
  )

/** In order of priority. */
const dueClusters = ({ context }: Miner, agent: AgentState): readonly Due[] => {
  const nowMs = context.clock.nowMs()
  const due = rankedClusters(agent).flatMap(({ id }) => {
    const known = agent.clusters.get(id)
    if (known === undefined) return []
    const isTouched = agent.undiagnosed.has(id) || agent.window.touched.has(id)
    const mayAsk = context.model !== null && mayAskAgain(known, nowMs)
    if (!isTouched && known.basis !== null && !mayAsk) return []
    const evidence = evidenceOf(agent.agent, clusterMembers(agent, id))
    const cluster = withBasis(known, evidence)
    agent.clusters.set(id, cluster)
    const changed = cluster.basis === null
    const ask = context.model !== null && (changed || mayAskAgain(cluster, nowMs))
    return changed || ask ? [{ cluster, evidence, ask }] : []
  })
  agent.undiagnosed.clear()
  return due
}

/** Without a basis where what is there now differs from what was diagnosed. */
const withBasis = (cluster: KnownCluster, evidence: ClusterEvidence): KnownCluster => {
  const now = basisOf(evidence)
  if (cluster.basis !== null)
    return hasChanged(cluster.basis, now)
      ? { ...cluster, basis: null, asked: NEVER_ASKED }
      : cluster
  // After a restart what a model has said stands until the cluster changes.
  return cluster.restored && cluster.diagnosis.source === 'model'
    ? { ...cluster, basis: now, restored: false }
    : { ...cluster, restored: false }
}

const mayAskAgain = ({ diagnosis, asked }: KnownCluster, nowMs: number): boolean =>
  diagnosis.source !== 'model' && asked.times < MOST_CALLS && nowMs - asked.atMs >= CALL_PAUSE_MS

const withStoreEvidence = async (
  { context }: Miner,
  agent: string,
  due: readonly Due[],
): Promise<readonly Due[]> => {
  const { store, clock, configuration } = context
  const ids = new Set(
    due.flatMap(({ evidence }) => evidence.examples.map(({ traceId }) => traceId)),
  )
  const bodies = await readBodies(store, agent, [...ids])
  const sinceMs = windowStartMs(clock.nowMs(), configuration.miner.windowHours)
  const contrast = await readContrast(store, agent, Math.max(0, sinceMs))
  return due.map((one) => ({
    ...one,
    evidence: fullEvidence(one.evidence, one.cluster.id, bodies, contrast),
  }))
}

const noteAsked = (miner: Miner, agentName: string, id: string): Promise<void> =>
  miner.serial(async () => {
    const agent = agentStateOf(await miner.state(), agentName)
    const cluster = agent.clusters.get(id)
    if (cluster !== undefined)
      agent.clusters.set(id, {
        ...cluster,
        asked: { times: cluster.asked.times + 1, atMs: miner.context.clock.nowMs() },
      })
  })

interface Found {
  readonly id: string
  readonly evidence: ClusterEvidence
  readonly diagnosis: Diagnosis
}

/** Stores diagnoses, for the next publication to say. A cluster that is gone or knows better keeps its own. */
const keep = (miner: Miner, agentName: string, found: readonly Found[]): Promise<void> =>
  change(miner, async (state) => {
    const agent = agentStateOf(state, agentName)
    const nowMs = miner.context.clock.nowMs()
    const kept = found.flatMap((one) => {
      const known = agent.clusters.get(one.id)
      return known === undefined || known.closed ? [] : [diagnosed(known, one)]
    })
    const said = ({ summary, diagnosis }: KnownCluster): string =>
      JSON.stringify([summary, diagnosis])
    const changed = kept.filter((cluster) => {
      const known = agent.clusters.get(cluster.id)
      return known === undefined || said(known) !== said(cluster)
    })
    if (changed.length > 0) {
      const version = nextVersion(state, nowMs)
      await miner.context.store.insert(
        'neosigma_clusters',
        changed.map((cluster) => clusterRow(agent, cluster, version)),
      )
      agent.publication.changedMs ??= nowMs
      agent.publication.isMaterial = true
    }
    for (const cluster of kept) agent.clusters.set(cluster.id, cluster)
  })

/** Rules never replace what a model has said. */
const diagnosed = (known: KnownCluster, { evidence, diagnosis }: Found): KnownCluster => {
  const basis = basisOf(evidence)
  return diagnosis.source === 'deterministic' && known.diagnosis.source === 'model'
    ? { ...known, basis }
    : { ...known, diagnosis, summary: summariseCluster(evidence, diagnosis), basis }
}
