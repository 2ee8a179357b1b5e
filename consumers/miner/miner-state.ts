import type { Diagnosis } from '../../schemas/cluster.ts'
import type { FingerprintClusters } from '../clustering/cluster-fingerprints.ts'
import type { EmbeddingSpace } from '../embedding/embedder.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'

/** A failed run of the window. Its texts stay in the store. */
export interface Member {
  readonly traceId: string
  readonly revision: string
  /** '' is noise. */
  readonly clusterId: string
  readonly fingerprint: Fingerprint
  readonly score: number
  readonly atMs: number
  readonly taskType: string | null
  readonly userId: string | null
  readonly sessionId: string | null
}

export interface KnownCluster {
  readonly id: string
  readonly createdAtMs: number
  readonly closed: boolean
  readonly summary: string
  readonly diagnosis: Diagnosis
  /** Its most frequent fingerprints: a closed cluster is known by them when it returns. */
  readonly fingerprints: readonly string[]
  /** What the diagnosis was made of; null where it is to be made. */
  readonly basis: DiagnosisBasis | null
  /** Read from the store: its basis is not known. */
  readonly restored: boolean
  /** How often a model was asked on this basis, and when last. */
  readonly asked: { readonly times: number; readonly atMs: number }
}

export interface DiagnosisBasis {
  readonly failingStep: string
  readonly failures: number
}

/** The last clustering of an agent, in which new failures are placed until the next one. */
export interface Placement {
  readonly space: EmbeddingSpace
  readonly clusters: FingerprintClusters
  /** Cluster id per label. */
  readonly ids: readonly string[]
  /** Cluster id per fingerprint, '' is noise. */
  readonly idOfFingerprint: ReadonlyMap<string, string>
}

export interface AgentState {
  readonly agent: string
  readonly members: Map<string, Member>
  readonly clusters: Map<string, KnownCluster>
  placement: Placement | null
  /** Newest event time. */
  streamMs: number
  /** Something came or went since the last re-clustering. */
  dirty: boolean
  reclusteredAtMs: number
}

export interface MinerState {
  readonly agents: Map<string, AgentState>
  readonly agentOfTrace: Map<string, string>
  /** One object per fingerprint, however many members have it. */
  readonly fingerprints: Map<string, Fingerprint>
  lastVersion: number
}

export const NEVER_ASKED = { times: 0, atMs: 0 } as const

export const emptyState = (): MinerState => ({
  agents: new Map(),
  agentOfTrace: new Map(),
  fingerprints: new Map(),
  lastVersion: 0,
})

export const agentStateOf = (state: MinerState, agent: string): AgentState => {
  const known = state.agents.get(agent)
  if (known !== undefined) return known
  const fresh: AgentState = {
    agent,
    members: new Map(),
    clusters: new Map(),
    placement: null,
    streamMs: 0,
    dirty: false,
    reclusteredAtMs: 0,
  }
  state.agents.set(agent, fresh)
  return fresh
}

/** Versions of rows ascend, also when the clock does not: the newest row of a key wins. */
export const nextVersion = (state: MinerState, nowMs: number): string => {
  state.lastVersion = Math.max(state.lastVersion + 1, nowMs)
  return String(state.lastVersion)
}

export const putMember = (state: MinerState, agent: AgentState, member: Member): void => {
  const fingerprint = state.fingerprints.get(member.fingerprint.key) ?? member.fingerprint
  state.fingerprints.set(fingerprint.key, fingerprint)
  agent.members.set(member.traceId, { ...member, fingerprint })
  agent.streamMs = Math.max(agent.streamMs, member.atMs)
  state.agentOfTrace.set(member.traceId, agent.agent)
}

export const dropMember = (state: MinerState, agent: AgentState, traceId: string): void => {
  agent.members.delete(traceId)
  state.agentOfTrace.delete(traceId)
}
