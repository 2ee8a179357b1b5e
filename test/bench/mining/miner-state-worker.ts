// Memory of the window, and how many failures a second one thread takes in. A process of its own: what it holds is all there is.
// Arguments: failures, clusters. Prints a line of JSON.
import { clusterFingerprints } from '../../../consumers/clustering/cluster-fingerprints.ts'
import { fitLexicalSpace } from '../../../consumers/embedding/lexical-embedder.ts'
import { heldFingerprints } from '../../../consumers/fingerprint/fingerprint-table.ts'
import { putMember } from '../../../consumers/miner/members.ts'
import {
  type AgentState,
  agentStateOf,
  emptyState,
  type MinerState,
} from '../../../consumers/miner/miner-state.ts'
import { placeOnline } from '../../../consumers/miner/place-online.ts'
import { planRuns } from '../../../consumers/miner/plan-runs.ts'
import { heaviest } from '../../../consumers/miner/population-of.ts'
import { madeFailure } from './miner-failures.ts'

const [failures = 1_000_000, clusters = 10_000] = process.argv.slice(2).map(Number)
const START = Date.UTC(2026, 10, 1)
const WEEK_MS = 168 * 3_600_000
const BATCH = 500
const WINDOW = { windowHours: 168, graceHours: 1 }

const memory = (): { readonly heap: number; readonly rss: number } => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { heap: heapUsed + arrayBuffers, rss }
}

/** Every kind in the same share, over a week. */
const failureOf = (number: number) =>
  madeFailure({
    kind: number % clusters,
    number,
    atMs: START + Math.floor((number / failures) * WEEK_MS),
  })

const take = async (state: MinerState, agent: AgentState, from: number, count: number) => {
  let placed = 0
  for (let start = from; start < from + count; start += BATCH) {
    const runs = Array.from({ length: Math.min(BATCH, from + count - start) }, (_, n) =>
      failureOf(start + n),
    )
    placed += await takeRuns(state, agent, runs)
  }
  return placed
}

const takeRuns = async (
  state: MinerState,
  agent: AgentState,
  runs: Parameters<typeof planRuns>[1],
): Promise<number> => {
  const { members } = planRuns(state, runs, START + 2 * WEEK_MS, WINDOW)
  const { ids } = await placeOnline(
    agent,
    members.map(({ member }) => member.fingerprint),
  )
  for (const [place, { member }] of members.entries())
    putMember(state, agent, { ...member, clusterId: ids[place] ?? '' })
  return ids.filter((id) => id !== '').length
}

/** One cluster per kind, as a re-clustering would leave it. */
const cluster = (agent: AgentState): void => {
  const population = heaviest(heldFingerprints(agent.fingerprints))
  const space = fitLexicalSpace(population)
  const found = clusterFingerprints({
    points: space.points,
    dimensions: space.dimensions,
    weights: population.map(({ weight }) => weight),
    minClusterSize: 3,
  })
  const ids = Array.from({ length: found.count }, (_, label) => `c-${label}`)
  agent.placement = {
    space,
    clusters: found,
    ids,
    idOfFingerprint: new Map(
      population.map(({ fingerprint }, row) => [
        fingerprint.key,
        ids[found.labels[row] ?? -1] ?? '',
      ]),
    ),
  }
}

const report = async (): Promise<void> => {
  const state = emptyState(24)
  const agent = agentStateOf(state, 'desk')
  const before = memory()
  await take(state, agent, 0, clusters * 3)
  cluster(agent)
  const clustered = memory()
  const startedMs = performance.now()
  await take(state, agent, clusters * 3, failures - clusters * 3)
  const hitsMs = performance.now() - startedMs
  const full = memory()
  agent.placement = null
  const alone = memory()
  process.stdout.write(
    `${JSON.stringify({
      failures,
      clusters: agent.window.ranking.size(),
      kinds: agent.window.kinds.kinds,
      hitsPerSecond: Math.round(((failures - clusters * 3) / hitsMs) * 1000),
      windowBytes: alone.heap - before.heap,
      placementBytes: full.heap - alone.heap,
      rssBytes: full.rss - before.rss,
      rssClusteredBytes: clustered.rss - before.rss,
    })}\n`,
  )
}

/** New kinds near known ones, each seen for the first time. */
const strangers = async (): Promise<void> => {
  const state = emptyState(24)
  const agent = agentStateOf(state, 'desk')
  await take(state, agent, 0, clusters * 3)
  cluster(agent)
  const count = 500
  const runs = Array.from({ length: count }, (_, n) => {
    const run = failureOf(n)
    return {
      ...run,
      traceId: `f${run.traceId.slice(1)}`,
      output: `${run.output} Sorry for word${'x'.repeat(n % 20)}.`,
    }
  })
  const startedMs = performance.now()
  const placed = await takeRuns(state, agent, runs)
  const ms = performance.now() - startedMs
  process.stdout.write(
    `${JSON.stringify({ strangers: count, placed, strangersPerSecond: Math.round((count / ms) * 1000) })}\n`,
  )
}

await report()
await strangers()
