import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { diagnosis } from '../../schemas/cluster.ts'
import {
  type ClusterMemberRow,
  type ClusterRow,
  msOfStoreTime,
  storeTime,
} from '../../schemas/tables.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import { newestTraceIds, taskTypeOfCluster } from './cluster-members.ts'
import type { MemberBody } from './member-rows.ts'
import { membersIn, putMember } from './members.ts'
import {
  type AgentState,
  agentStateOf,
  emptyState,
  type KnownCluster,
  type MinerState,
  NEVER_ASKED,
  type NewMember,
} from './miner-state.ts'
import { type MinerWindow, oldestMs } from './plan-runs.ts'

interface StoredMember {
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

const AGENTS_SQL = `
SELECT Agent, toUnixTimestamp64Milli(max(At)) AS newestMs
FROM (SELECT * FROM neosigma_cluster_members FINAL) WHERE Removed = 0 GROUP BY Agent`

const FINGERPRINTS_SQL = `
SELECT Fingerprint AS key, any(JSONExtractRaw(Body, 'fingerprint')) AS fingerprint
FROM (SELECT * FROM neosigma_cluster_members FINAL)
WHERE Agent = {agent: String} AND Removed = 0 AND At >= fromUnixTimestamp64Milli({since: Int64})
GROUP BY Fingerprint`

/** A page of members in order of trace id, without what is long. */
const MEMBERS_SQL = `
SELECT TraceId, ClusterId, TaskType, Score, toUnixTimestamp64Milli(At) AS AtMs, UserId, SessionId, Fingerprint,
  JSONExtractString(Body, 'revision') AS Revision
FROM (SELECT * FROM neosigma_cluster_members FINAL)
WHERE Agent = {agent: String} AND TraceId > {after: String} AND Removed = 0
  AND At >= fromUnixTimestamp64Milli({since: Int64})
ORDER BY TraceId LIMIT {rows: UInt32}`
const ROWS_PER_PAGE = 20_000

const CLUSTERS_SQL = `SELECT * FROM neosigma_clusters FINAL`

const VERSION_SQL = `
SELECT greatest(
  (SELECT max(Version) FROM neosigma_cluster_members),
  (SELECT max(Version) FROM neosigma_clusters)) AS version`

/** Rebuilds the state of every agent from the tables: each agent's window as of its newest failure. */
export const loadState = async (
  store: TraceStore,
  settings: MinerWindow & { readonly halfLifeHours: number },
): Promise<MinerState> => {
  const state = emptyState(settings.halfLifeHours)
  for (const row of await store.query<ClusterRow>(CLUSTERS_SQL))
    agentStateOf(state, row.Agent).clusters.set(row.Id, knownCluster(row))
  for (const { Agent, newestMs } of await store.query<{
    readonly Agent: string
    readonly newestMs: string
  }>(AGENTS_SQL)) {
    const sinceMs = Math.max(0, oldestMs(Number(newestMs), settings))
    await loadMembers(store, state, agentStateOf(state, Agent), sinceMs)
  }
  const [versions] = await store.query<{ readonly version: string }>(VERSION_SQL)
  state.lastVersion = Number(versions?.version ?? 0)
  return state
}

const loadMembers = async (
  store: TraceStore,
  state: MinerState,
  agent: AgentState,
  since: number,
): Promise<void> => {
  const parameters = { agent: agent.agent, since }
  const fingerprints = new Map(
    (
      await store.query<{ readonly key: string; readonly fingerprint: string }>(
        FINGERPRINTS_SQL,
        parameters,
      )
    ).map(({ key, fingerprint }) => [key, JSON.parse(fingerprint) as Fingerprint]),
  )
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: readonly StoredMember[] = await store.query<StoredMember>(MEMBERS_SQL, {
      ...parameters,
      after,
      rows: ROWS_PER_PAGE,
    })
    for (const row of page) {
      const fingerprint = fingerprints.get(row.Fingerprint)
      if (fingerprint !== undefined) putMember(state, agent, restoredMember(row, fingerprint))
    }
    after = page.length < ROWS_PER_PAGE ? undefined : page.at(-1)?.TraceId
  }
  agent.dirty = membersIn(agent) > 0
  agent.drift.changes = membersIn(agent)
}

const restoredMember = (row: StoredMember, fingerprint: Fingerprint): NewMember => ({
  traceId: row.TraceId,
  revision: row.Revision,
  clusterId: row.ClusterId,
  fingerprint,
  score: row.Score,
  atMs: Number(row.AtMs),
  taskType: row.TaskType,
  userId: row.UserId,
  sessionId: row.SessionId,
})

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

/** The row of a cluster, with what its failures have in common now. */
export const clusterRow = (
  agent: AgentState,
  cluster: KnownCluster,
  version: string,
): ClusterRow => ({
  Id: cluster.id,
  Agent: agent.agent,
  TaskType: taskTypeOfCluster(agent, cluster.id),
  Summary: cluster.summary,
  RootCauseType: cluster.diagnosis.rootCauseType,
  Diagnosis: JSON.stringify(cluster.diagnosis),
  ExampleTraceIds: newestTraceIds(agent, cluster.id, EXAMPLES),
  Fingerprints: cluster.fingerprints,
  Closed: cluster.closed ? 1 : 0,
  CreatedAt: storeTime(cluster.createdAtMs),
  Version: version,
})

const EXAMPLES = 5

/** Writes members anew under their clusters; everything else of their rows stays. */
export const moveRows = async (
  store: TraceStore,
  agent: string,
  moves: readonly { readonly traceId: string; readonly clusterId: string }[],
  version: string,
): Promise<void> => {
  for (let start = 0; start < moves.length; start += IDS_PER_QUERY) {
    const part = new Map(
      moves
        .slice(start, start + IDS_PER_QUERY)
        .map(({ traceId, clusterId }) => [traceId, clusterId]),
    )
    const rows = await store.query<ClusterMemberRow>(
      `SELECT * FROM neosigma_cluster_members FINAL
WHERE Agent = {agent: String} AND TraceId IN {ids: Array(String)} AND Removed = 0`,
      { agent, ids: [...part.keys()] },
    )
    const moved = rows.filter(({ TraceId, ClusterId }) => part.get(TraceId) !== ClusterId)
    if (moved.length === 0) continue
    await store.insert(
      'neosigma_cluster_members',
      moved.map((row) => ({ ...row, ClusterId: part.get(row.TraceId) ?? '', Version: version })),
    )
  }
}

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
FROM neosigma_runs FINAL
WHERE Agent = {agent: String} AND Outcome = 'pass' AND EndedAt >= fromUnixTimestamp64Milli({since: Int64})
  AND TraceId IN (
    SELECT TraceId FROM neosigma_run_times
    WHERE Agent = {agent: String} AND Outcome = 'pass' AND EndedAt >= fromUnixTimestamp64Milli({since: Int64}))
GROUP BY cluster, model, promptVersion, agentVersion, taskType`

/** Failures by cluster and successes, each by model, prompt and agent version and task type. */
export const readContrast = (
  store: TraceStore,
  agent: string,
  sinceMs: number,
): Promise<ContrastRow[]> => store.query<ContrastRow>(CONTRAST_SQL, { agent, since: sinceMs })

/** Runs of members of these clusters as JSON text, where the store has another revision than the member is of. */
export const readNewerRuns = async (
  store: TraceStore,
  agent: string,
  clusterIds: readonly string[],
): Promise<readonly string[]> => {
  const rows = await store.query<{ readonly body: string }>(
    `SELECT r.Body AS body
FROM (SELECT TraceId, JSONExtractString(Body, 'revision') AS Revision FROM neosigma_cluster_members FINAL
  WHERE Agent = {agent: String} AND Removed = 0 AND ClusterId IN {ids: Array(String)}) AS m
INNER JOIN (SELECT TraceId, Revision, Body FROM neosigma_runs FINAL) AS r ON r.TraceId = m.TraceId
WHERE r.Revision != m.Revision`,
    { agent, ids: clusterIds },
  )
  return rows.map(({ body }) => body)
}

/** Runs with their steps, in the order of `traceIds`; those that are gone are left out. */
export const readRuns = async (
  store: TraceStore,
  agent: string,
  traceIds: readonly string[],
): Promise<readonly AgentRun[]> => {
  const rows = await store.query<{ readonly Body: string }>(
    'SELECT Body FROM neosigma_runs FINAL WHERE Agent = {agent: String} AND TraceId IN {ids: Array(String)}',
    { agent, ids: traceIds },
  )
  const runs = new Map(
    rows.map(({ Body }) => {
      const run = JSON.parse(Body) as AgentRun
      return [run.traceId, run]
    }),
  )
  return traceIds.flatMap((traceId) => runs.get(traceId) ?? [])
}
