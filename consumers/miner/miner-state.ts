import type { Diagnosis } from '../../schemas/cluster.ts'
import type { FingerprintClusters } from '../clustering/cluster-fingerprints.ts'
import type { EmbeddingSpace } from '../embedding/embedder.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import { type FingerprintTable, fingerprintTable } from '../fingerprint/fingerprint-table.ts'
import {
  type RankedWindow,
  rankedWindow,
  type WindowStore,
  windowStore,
} from '../priority/window-state.ts'

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
  /** Cluster id per fingerprint, '' is noise; what was placed since is remembered too. */
  readonly idOfFingerprint: Map<string, string>
}

/** What has happened since the last re-clustering, to tell when the next one is due. */
export interface Drift {
  /** Failures that came, went or were given up by the window. */
  changes: number
  /** Failures of kinds that the clustering has not seen. */
  strangers: number
  /** Failures that the clustering was made of. */
  basis: number
}

export interface AgentState {
  readonly agent: string
  readonly window: RankedWindow
  readonly fingerprints: FingerprintTable
  readonly clusters: Map<string, KnownCluster>
  placement: Placement | null
  /** Something came or went since the last re-clustering. */
  dirty: boolean
  readonly drift: Drift
  reclusteredAtMs: number
  /** How long the last re-clustering took. */
  reclusteringMs: number
  readonly publication: Publication
  /** Clusters that a fix is under way for: nobody joins or leaves them. */
  frozen: ReadonlySet<string>
  /** Clusters whose members have changed since they were last looked at for a diagnosis. */
  readonly undiagnosed: Set<string>
}

export interface Publication {
  lastMs: number | null
  /** How long the last one took. */
  tookMs: number
  changedMs: number | null
  isMaterial: boolean
  /** Rank key of each cluster in the last publication. */
  keys: ReadonlyMap<string, number>
}

export interface MinerState {
  readonly agents: Map<string, AgentState>
  readonly windows: WindowStore
  readonly halfLifeHours: number
  /** When a cluster was last reopened. */
  readonly reopenedMs: Map<string, number>
  lastVersion: number
}

export const NEVER_ASKED = { times: 0, atMs: 0 } as const

export const emptyState = (halfLifeHours: number): MinerState => ({
  agents: new Map(),
  windows: windowStore(),
  halfLifeHours,
  reopenedMs: new Map(),
  lastVersion: 0,
})

export const agentStateOf = (state: MinerState, agent: string): AgentState => {
  const known = state.agents.get(agent)
  if (known !== undefined) return known
  const fresh: AgentState = {
    agent,
    window: rankedWindow(state.windows, agent, state.halfLifeHours),
    fingerprints: fingerprintTable(),
    clusters: new Map(),
    placement: null,
    dirty: false,
    drift: { changes: 0, strangers: 0, basis: 0 },
    reclusteredAtMs: 0,
    reclusteringMs: 0,
    publication: { lastMs: null, tookMs: 0, changedMs: null, isMaterial: false, keys: new Map() },
    frozen: new Set(),
    undiagnosed: new Set(),
  }
  state.agents.set(agent, fresh)
  return fresh
}

/** Versions of rows ascend, also when the clock does not: the newest row of a key wins. */
export const nextVersion = (state: MinerState, nowMs: number): string => {
  state.lastVersion = Math.max(state.lastVersion + 1, nowMs)
  return String(state.lastVersion)
}

/** Says that an agent has something new to publish and to cluster. */
export const markChanged = (agent: AgentState, nowMs: number): void => {
  agent.dirty = true
  agent.publication.changedMs ??= nowMs
}

/** A failed run as it comes in, with the names that only the store keeps. */
export interface NewMember {
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

/** A failed run of the window. Its texts and names stay in the store. */
export interface Member {
  readonly traceId: string
  readonly clusterId: string
  readonly fingerprint: Fingerprint
  readonly score: number
  readonly atMs: number
  readonly taskType: string | null
  /** `nameNumber` of its session, 0 for none. */
  readonly session: number
}
