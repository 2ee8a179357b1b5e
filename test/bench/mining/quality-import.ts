import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { importTauBench } from '../../../deploy/import/import-file.ts'
import { readTauBench } from '../../../deploy/import/read-import-file.ts'
import { traceIdOf } from '../../../deploy/import/tau-bench-telemetry.ts'
import { openModelClient } from '../../../pipeline/model-client/open-model-client.ts'
import { loadConfiguration } from '../../../pipeline/service-runtime/load-config.ts'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import {
  type ClusterRanking,
  clusterRanking,
  type RankedCluster,
} from '../../../schemas/cluster.ts'
import type { RunRow } from '../../../schemas/tables.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { type ImportSystem, importSystem } from '../../support/import-system.ts'
import { TEST_DATA } from '../../support/test-data.ts'

export type TauRows = ReturnType<typeof readTauBench>
export type TauRow = TauRows[number]

/** A failed run of a file, with what the miner made of it. */
export interface MinedFailure {
  readonly row: TauRow
  readonly run: AgentRun
  /** null is noise. */
  readonly cluster: RankedCluster | null
}

export interface MinedFile {
  readonly runs: number
  readonly failures: readonly MinedFailure[]
  /** By rank. */
  readonly clusters: readonly RankedCluster[]
}

/** What the environment configures; null without an endpoint. */
export const configuredModel = (): ReturnType<typeof loadConfiguration> | null => {
  const loaded = loadConfiguration()
  const { baseUrl } = loaded.configuration.model
  return baseUrl === null && loaded.secrets.openAiApiKey === null ? null : loaded
}

/** The file's path; null where it is absent, after saying so aloud. */
export const dataFile = (path: string, rows: string): string | null => {
  const file = join(TEST_DATA, path)
  if (existsSync(file)) return file
  process.stderr.write(`\n*** did not run: ${rows}: ${file} is absent (NEOSIGMA_TEST_DATA)\n\n`)
  return null
}

/** Receiver, log, writer, store, runs and miner, by default without any model, as long as `use` takes. */
export const withSystem = async <Result>(
  loaded: ReturnType<typeof configuredModel>,
  use: (system: ImportSystem) => Promise<Result>,
): Promise<Result> => {
  const system = await importSystem(
    loaded === null ? {} : { model: loaded.configuration.model },
    loaded === null
      ? undefined
      : (services) => openModelClient(loaded.configuration, loaded.secrets, services),
  )
  try {
    return await use(system)
  } finally {
    await system.close()
  }
}

/** Imports the file as a user does, and waits until every failure is ranked and nothing changes any more. */
export const mineFile = async (
  file: string,
  agent: string,
  system: ImportSystem,
): Promise<MinedFile> => {
  const rows = readTauBench(file)
  await importTauBench(
    file,
    { agent, taskType: 'support', startMs: null, spacingMs: 60_000 },
    system.services,
  )
  const failed = rows.filter(({ reward }) => reward < 0.5)
  const { members, ranking } = await settled(agent, failed.length, system)
  const bodies = await system.rows<RunRow>(
    `SELECT * FROM neosigma_runs FINAL WHERE Agent = '${agent}'`,
  )
  const runs = new Map(bodies.map(({ TraceId, Body }) => [TraceId, JSON.parse(Body) as AgentRun]))
  const clusters = new Map(ranking.clusters.map((cluster) => [cluster.id, cluster]))
  const failures = failed.flatMap((row) => {
    const id = traceIdOf(row)
    const run = runs.get(id)
    return run === undefined
      ? []
      : [{ row, run, cluster: clusters.get(members.get(id) ?? '') ?? null }]
  })
  if (runs.size !== rows.length || failures.length !== failed.length)
    throw new Error(`${rows.length} runs were imported, ${runs.size} are stored.`)
  return { runs: rows.length, failures, clusters: ranking.clusters }
}

const PATIENCE_MS = 300_000
const POLL_MS = 500
const UNCHANGED = 6
const CLUSTERS_WITH_MODEL_MS = 120_000

const settled = async (
  agent: string,
  failures: number,
  system: ImportSystem,
): Promise<{ members: ReadonlyMap<string, string>; ranking: ClusterRanking }> => {
  const { clock, model } = system.context
  const startMs = clock.nowMs()
  let before = ''
  let unchanged = 0
  while (clock.nowMs() - startMs < PATIENCE_MS) {
    const rows = await system.rows<{ readonly TraceId: string; readonly ClusterId: string }>(
      `SELECT TraceId, ClusterId FROM neosigma_cluster_members FINAL WHERE Agent = '${agent}' AND Removed = 0 ORDER BY TraceId`,
    )
    const ranking = await lastRanking(agent, system)
    const now = JSON.stringify([rows, ranking?.asOf])
    unchanged = now === before ? unchanged + 1 : 0
    before = now
    const isAsked =
      model === null ||
      clock.nowMs() - startMs > CLUSTERS_WITH_MODEL_MS ||
      ranking?.clusters.every(({ diagnosis }) => diagnosis.source === 'model') === true
    if (ranking !== null && rows.length === failures && unchanged >= UNCHANGED && isAsked)
      return { members: new Map(rows.map((row) => [row.TraceId, row.ClusterId])), ranking }
    await clock.sleep(POLL_MS)
  }
  throw new Error(`The failures of ${agent} were not ranked within ${PATIENCE_MS / 1000} s.`)
}

const lastRanking = async (agent: string, system: ImportSystem): Promise<ClusterRanking | null> => {
  let last: Uint8Array | null = null
  for await (const { key, value } of system.context.log.readAll(TOPICS.rankedClusters.name))
    if (key === agent) last = value
  return last === null ? null : clusterRanking.parse(JSON.parse(new TextDecoder().decode(last)))
}
