import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { diagnosis } from '../../schemas/cluster.ts'
import { type ClusterRow, msOfStoreTime, storeTime } from '../../schemas/tables.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import type { MemberBody } from './member-rows.ts'
import {
  agentStateOf,
  emptyState,
  type KnownCluster,
  type MinerState,
  NEVER_ASKED,
  putMember,
} from './miner-state.ts'

interface StoredMember {
  readonly Agent: string
  readonly TraceId: string
  readonly ClusterId: string
  readonly TaskType: string | null
  readonly Score: number
  readonly AtMs: string
  readonly UserId: string | null
  readonly SessionId: string | null
  readonly Fingerprint: string
  readonly Revision: string
}

const MEMBERS_SQL = `
SELECT Agent, TraceId, ClusterId, TaskType, Score, toUnixTimestamp64Milli(At) AS AtMs, UserId, SessionId,
  JSONExtractRaw(Body, 'fingerprint') AS Fingerprint, JSONExtractString(Body, 'revision') AS Revision
FROM (SELECT * FROM neosigma_cluster_members FINAL)
WHERE Removed = 0 AND At >= fromUnixTimestamp64Milli({since: Int64})`

const CLUSTERS_SQL = `SELECT * FROM neosigma_clusters FINAL`

const VERSION_SQL = `
SELECT greatest(
  (SELECT max(Version) FROM neosigma_cluster_members),
  (SELECT max(Version) FROM neosigma_clusters)) AS version`

/** Rebuilds the state of every agent from the tables, with members since a time. */
export const loadState = async (store: TraceStore, sinceMs: number): Promise<MinerState> => {
  const state = emptyState()
  for (const row of await store.query<ClusterRow>(CLUSTERS_SQL))
    agentStateOf(state, row.Agent).clusters.set(row.Id, knownCluster(row))
  const members = await store.query<StoredMember>(MEMBERS_SQL, { since: Math.max(0, sinceMs) })
  for (const row of members) {
    const agent = agentStateOf(state, row.Agent)
    agent.dirty = true
    putMember(state, agent, {
      traceId: row.TraceId,
      revision: row.Revision,
      clusterId: row.ClusterId,
      fingerprint: JSON.parse(row.Fingerprint) as Fingerprint,
      score: row.Score,
      atMs: Number(row.AtMs),
      taskType: row.TaskType,
      userId: row.UserId,
      sessionId: row.SessionId,
    })
  }
  const [versions] = await store.query<{ readonly version: string }>(VERSION_SQL)
  state.lastVersion = Number(versions?.version ?? 0)
  return state
}

const knownCluster = (row: ClusterRow): KnownCluster => ({
  id: row.Id,
  createdAtMs: msOfStoreTime(row.CreatedAt),
  closed: row.Closed === 1,
  summary: row.Summary,
  diagnosis: diagnosis.parse(JSON.parse(row.Diagnosis)),
  fingerprints: row.Fingerprints,
  basis: null,
  restored: true,
  asked: NEVER_ASKED,
})

export const clusterRow = (
  agent: string,
  cluster: KnownCluster,
  facts: { readonly taskType: string | null; readonly exampleTraceIds: readonly string[] },
  version: string,
): ClusterRow => ({
  Id: cluster.id,
  Agent: agent,
  TaskType: facts.taskType,
  Summary: cluster.summary,
  RootCauseType: cluster.diagnosis.rootCauseType,
  Diagnosis: JSON.stringify(cluster.diagnosis),
  ExampleTraceIds: facts.exampleTraceIds,
  Fingerprints: cluster.fingerprints,
  Closed: cluster.closed ? 1 : 0,
  CreatedAt: storeTime(cluster.createdAtMs),
  Version: version,
})

const IDS_PER_QUERY = 1000

/** The stored bodies of members, as JSON text. */
export const readBodies = async (
  store: TraceStore,
  agent: string,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const bodies = new Map<string, string>()
  for (let start = 0; start < traceIds.length; start += IDS_PER_QUERY) {
    const rows = await store.query<{ readonly TraceId: string; readonly Body: string }>(
      `SELECT TraceId, Body FROM neosigma_cluster_members FINAL
WHERE Agent = {agent: String} AND TraceId IN {ids: Array(String)}`,
      { agent, ids: traceIds.slice(start, start + IDS_PER_QUERY) },
    )
    for (const { TraceId, Body } of rows) bodies.set(TraceId, Body)
  }
  return bodies
}

export const parseBody = (text: string): MemberBody => JSON.parse(text) as MemberBody

export interface ContrastRow {
  /** '' for successful runs. */
  readonly cluster: string
  readonly model: string | null
  readonly promptVersion: string | null
  readonly agentVersion: string | null
  readonly taskType: string | null
  readonly runs: string
}

const CONTRAST_SQL = `
SELECT ClusterId AS cluster, JSONExtract(Body, 'model', 'Nullable(String)') AS model,
  JSONExtract(Body, 'promptVersion', 'Nullable(String)') AS promptVersion,
  JSONExtract(Body, 'agentVersion', 'Nullable(String)') AS agentVersion,
  TaskType AS taskType, count() AS runs
FROM (SELECT * FROM neosigma_cluster_members FINAL)
WHERE Agent = {agent: String} AND Removed = 0 AND ClusterId != '' AND At >= fromUnixTimestamp64Milli({since: Int64})
GROUP BY cluster, model, promptVersion, agentVersion, taskType
UNION ALL
SELECT '' AS cluster, Model AS model, PromptVersion AS promptVersion, AgentVersion AS agentVersion,
  TaskType AS taskType, count() AS runs
FROM (SELECT * FROM neosigma_runs FINAL)
WHERE Agent = {agent: String} AND Outcome = 'pass' AND EndedAt >= fromUnixTimestamp64Milli({since: Int64})
GROUP BY cluster, model, promptVersion, agentVersion, taskType`

/** Failures by cluster and successes, each by model, prompt and agent version and task type. */
export const readContrast = (
  store: TraceStore,
  agent: string,
  sinceMs: number,
): Promise<ContrastRow[]> => store.query<ContrastRow>(CONTRAST_SQL, { agent, since: sinceMs })
