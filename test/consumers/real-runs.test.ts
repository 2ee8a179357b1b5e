import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { windowStartMs } from '../../consumers/priority/failure-window.ts'
import { listClusters } from '../../consumers/priority/list-clusters.ts'
import { importTauBench } from '../../deploy/import/import-file.ts'
import { readTauBench } from '../../deploy/import/read-import-file.ts'
import { traceIdOf } from '../../deploy/import/tau-bench-telemetry.ts'
import { CLUSTER_AGGREGATES_SQL, type ClusterAggregateRow } from '../../schemas/cluster-listing.ts'
import type { RunRow } from '../../schemas/tables.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { type ImportSystem, importSystem } from '../support/import-system.ts'
import { pairLift } from '../support/pair-lift.ts'
import { TEST_DATA, testData } from '../support/test-data.ts'

/** Real runs with real rewards, by the path that users' data takes: receiver, log, writer, store, runs, miner. */

interface Imported {
  readonly rows: ReturnType<typeof readTauBench>
  readonly runs: readonly RunRow[]
  readonly clusters: ReturnType<typeof listClusters>
  /** Cluster id per trace; '' is noise. */
  readonly clusterOf: ReadonlyMap<string, string>
}

const OPTIONS = { taskType: 'support', startMs: null, spacingMs: 60_000 }

let system: ImportSystem
beforeAll(async () => {
  system = await importSystem()
})
afterAll(() => system.close())

const runsOf = (agent: string): Promise<readonly RunRow[]> =>
  system.rows<RunRow>(`SELECT * FROM neosigma_runs FINAL WHERE Agent = '${agent}'`)

const membersOf = (agent: string): Promise<readonly { TraceId: string; ClusterId: string }[]> =>
  system.rows(
    `SELECT TraceId, ClusterId FROM neosigma_cluster_members FINAL WHERE Agent = '${agent}' AND Removed = 0`,
  )

/** Waits until every failure is a member, and neither members nor rankings have changed for a while. */
const mined = async (agent: string, failures: number): Promise<void> => {
  let before = ''
  let unchanged = 0
  await expect
    .poll(
      async () => {
        const members = (await membersOf(agent)).toSorted((a, b) =>
          a.TraceId < b.TraceId ? -1 : 1,
        )
        let rankings = 0
        for await (const record of system.context.log.readAll(TOPICS.rankedClusters.name))
          if (record.key === agent) rankings++
        const now = JSON.stringify([members, rankings])
        unchanged = now === before ? unchanged + 1 : 0
        before = now
        return members.length === failures && unchanged >= 5
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBe(true)
}

const importAll = async (path: string, agent: string): Promise<Imported> => {
  const file = join(TEST_DATA, path)
  const rows = readTauBench(file)
  await importTauBench(file, { ...OPTIONS, agent }, system.services)
  await expect.poll(async () => (await runsOf(agent)).length, { timeout: 60_000 }).toBe(rows.length)
  await mined(agent, rows.filter(({ reward }) => reward < 0.5).length)
  const asOfMs = Date.now()
  const { windowHours, halfLifeHours } = system.context.configuration.miner
  const aggregates = await system.context.store.query<ClusterAggregateRow>(CLUSTER_AGGREGATES_SQL, {
    windowStart: windowStartMs(asOfMs, windowHours),
  })
  return {
    rows,
    runs: await runsOf(agent),
    clusters: listClusters(
      aggregates.filter((row) => row.agent === agent),
      { asOfMs, halfLifeHours },
    ),
    clusterOf: new Map((await membersOf(agent)).map((row) => [row.TraceId, row.ClusterId])),
  }
}

/** Prints ids and counts, never content. */
const figuresOf = ({ rows, clusters, clusterOf }: Imported) => {
  const failed = rows.filter(({ reward }) => reward < 0.5)
  const ids = [...new Set(clusterOf.values())].filter((id) => id !== '')
  const labels = failed.map((row) => ids.indexOf(clusterOf.get(traceIdOf(row)) ?? ''))
  const noise = labels.filter((label) => label < 0).length
  const figures = {
    failures: failed.length,
    noise: noise / failed.length,
    largest: Math.max(...clusters.map(({ failures }) => failures)) / failed.length,
    lift: pairLift(
      labels,
      failed.map(({ task_id }) => task_id),
    ),
    clusters: clusters.map(({ id, rank, failures, meanScore, recency, priority }) => ({
      rank,
      id,
      failures,
      meanScore,
      recency: Number(recency.toFixed(3)),
      priority: Number(priority.toFixed(2)),
    })),
  }
  process.stdout.write(`${JSON.stringify(figures, null, 1)}\n`)
  const clustered = figures.clusters.reduce((sum, { failures }) => sum + failures, 0)
  expect(clustered).toBe(failed.length - noise)
  return figures
}

const callsOf = (rows: Imported['rows']): number =>
  rows.reduce(
    (sum, { traj }) => sum + traj.reduce((n, message) => n + (message.tool_calls?.length ?? 0), 0),
    0,
  )

const airline = testData('tau-airline/trials-0-1.json', 3)
const retail = testData('agentrx/tau-retail/trajectories.json', 1)

describe.runIf(airline !== null)('the airline agent', () => {
  let imported: Imported

  test('has every run and call, and fails where the reward is below θ', async () => {
    imported = await importAll('tau-airline/trials-0-1.json', 'airline')
    const { rows, runs } = imported
    expect(runs).toHaveLength(100)
    const byTrace = new Map(runs.map((run) => [run.TraceId, run]))
    for (const row of rows) {
      const run = byTrace.get(traceIdOf(row))
      expect(run?.Outcome).toBe(row.reward < 0.5 ? 'fail' : 'pass')
      expect(run?.ModelCalls).toBe(row.traj.filter(({ role }) => role === 'assistant').length)
    }
    expect(runs.filter(({ Outcome }) => Outcome === 'fail')).toHaveLength(57)
    const calls = runs.reduce((sum, { ToolCalls }) => sum + ToolCalls, 0)
    expect(calls).toBe(callsOf(rows))
    expect(calls).toBe(572)
  }, 120_000)

  test('keeps the words of every message', async () => {
    for (const row of imported.rows) {
      const id = traceIdOf(row)
      const spans = await system.rows<{ readonly values: readonly string[] }>(
        `SELECT mapValues(SpanAttributes) AS values FROM otel_traces FINAL WHERE TraceId = '${id}'`,
      )
      const texts = new Set<string>()
      const collect = (value: unknown): void => {
        if (typeof value === 'string') texts.add(value)
        else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
      }
      for (const text of spans.flatMap(({ values }) => values)) {
        texts.add(text)
        if (text.startsWith('[')) collect(JSON.parse(text))
      }
      const missing = row.traj.filter(({ content }) => content !== '' && !texts.has(content))
      expect([id, missing.length]).toEqual([id, 0])
    }
  })

  test('has ranked clusters with little noise and no giant, and keeps tasks together', () => {
    const figures = figuresOf(imported)
    expect(figures.noise).toBeLessThanOrEqual(0.4)
    expect(figures.largest).toBeLessThanOrEqual(0.5)
    expect(figures.lift).toBeGreaterThanOrEqual(5)
    expect(imported.clusters.map(({ rank }) => rank)).toEqual(
      imported.clusters.map((_, i) => i + 1),
    )
    for (const { failures, meanScore, recency, priority } of imported.clusters)
      expect(priority).toBe(failures * (1 - meanScore) * recency)
  })

  test('changes in nothing when it is imported again', async () => {
    const snapshot = async (): Promise<unknown> => [
      await system.rows('SELECT count() AS n, uniqExact(TraceId, SpanId) AS ids FROM otel_traces'),
      await system.rows('SELECT count() AS n FROM otel_logs'),
      await system.rows('SELECT TraceId, Revision FROM neosigma_runs FINAL ORDER BY TraceId'),
      await membersOf('airline'),
    ]
    const before = await snapshot()
    const again = await importTauBench(
      join(TEST_DATA, 'tau-airline/trials-0-1.json'),
      { ...OPTIONS, agent: 'airline' },
      system.services,
    )
    expect(again).toMatchObject({ sent: 0, skipped: 100 })
    expect(await snapshot()).toEqual(before)
  })
})

describe.runIf(retail !== null)('the retail agent', () => {
  test('has every run and call, and clusters with little noise and no giant', async () => {
    const imported = await importAll('agentrx/tau-retail/trajectories.json', 'retail')
    expect(imported.runs).toHaveLength(29)
    expect(imported.runs.filter(({ Outcome }) => Outcome === 'fail')).toHaveLength(29)
    const calls = imported.runs.reduce((sum, { ToolCalls }) => sum + ToolCalls, 0)
    expect(calls).toBe(callsOf(imported.rows))
    const figures = figuresOf(imported)
    expect(figures.clusters.length).toBeGreaterThanOrEqual(2)
    expect(figures.noise).toBeLessThanOrEqual(0.4)
    expect(figures.largest).toBeLessThanOrEqual(0.5)
  }, 120_000)
})
