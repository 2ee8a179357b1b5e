// From a failed run in the log to a published ranking that has it, on the embedded engines, with clusterings going on.
// Arguments: clusters, runs a second, seconds. Prints a line of JSON.
import { startMiner } from '../../../consumers/miner/main.ts'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import { decodeEvent, encodeEvent } from '../../../schemas/cloud-event.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { openTestContext } from '../../support/open-test-context.ts'
import { madeFailure } from './miner-failures.ts'

const [clusters = 10_000, perSecond = 1000, seconds = 30] = process.argv.slice(2).map(Number)
/** Clusters that get the probes: so many failures that they stand among the first. */
const HOT = 100
const HOT_FAILURES = 60
const TICKS = 20
/** Of a hundred failures: probes, and kinds that nobody has seen before. */
const PROBES = 10
const STRANGERS = 2
const SETTLE_MS = 15 * 60_000

const context = await openTestContext({ configuration: { miner: { reclusterMs: 5000 } } })
const { log, clock } = context
let reclusterings = 0
const watched = {
  ...context,
  metrics: {
    ...context.metrics,
    record: (...told: Parameters<typeof context.metrics.record>) => {
      if (told[0] === 'neosigma.miner.reclustering.ms') reclusterings++
      context.metrics.record(...told)
    },
  },
}
const sleep = (ms: number): Promise<void> => clock.sleep(ms)
let number = 0
let probes = 0
const failure = (kind: number): AgentRun =>
  madeFailure({ kind, number: number++, atMs: clock.nowMs() })

const publish = (runs: readonly AgentRun[]): Promise<void> =>
  log.append(
    runs.map((run) =>
      encodeEvent(TOPICS.runs, run, {
        id: run.traceId,
        source: '/bench',
        time: run.endedAt,
        key: run.traceId,
      }),
    ),
  )

interface Published {
  readonly atMs: number
  readonly failures: number
  readonly noise: number
  readonly clusters: number
  readonly examples: readonly string[]
}

const rankings = async function* (): AsyncGenerator<Published> {
  for await (const record of log.readAll(TOPICS.rankedClusters.name)) {
    const ranking = decodeEvent(TOPICS.rankedClusters, record)
    yield {
      atMs: record.timestampMs,
      failures: ranking.failuresInWindow,
      noise: ranking.noise,
      clusters: ranking.openClusters ?? 0,
      examples: ranking.clusters.flatMap(({ exampleTraceIds }) => exampleTraceIds),
    }
  }
}

/** Waits until a ranking has all failures and as many clusters as there are kinds. */
const settled = async (failures: number): Promise<Published> => {
  const controller = new AbortController()
  const deadline = setTimeout(() => controller.abort(), SETTLE_MS)
  for await (const { records, commit } of log.consume({
    group: 'bench',
    topics: [TOPICS.rankedClusters.name],
    signal: controller.signal,
  })) {
    const last = records.at(-1)
    await commit()
    if (last === undefined) continue
    const ranking = decodeEvent(TOPICS.rankedClusters, last)
    process.stderr.write(
      `${ranking.failuresInWindow} failures, ${ranking.openClusters} clusters, ${ranking.noise} noise\n`,
    )
    if (ranking.failuresInWindow < failures || (ranking.openClusters ?? 0) < clusters * 0.98)
      continue
    clearTimeout(deadline)
    controller.abort()
    return {
      atMs: last.timestampMs,
      failures: ranking.failuresInWindow,
      noise: ranking.noise,
      clusters: ranking.openClusters ?? 0,
      examples: [],
    }
  }
  throw new Error('the clusters did not come up in time')
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const miner = await startMiner(watched)
try {
  for (let start = 0; start < clusters * 3; start += 1000)
    await publish(
      Array.from({ length: Math.min(1000, clusters * 3 - start) }, (_, n) =>
        failure((start + n) % clusters),
      ),
    )
  for (let round = 0; round < HOT_FAILURES; round++)
    await publish(Array.from({ length: HOT }, (_, kind) => failure(kind)))
  const before = await settled(number)
  reclusterings = 0
  const sentAt = new Map<string, number>()
  const startedMs = clock.nowMs()
  const perTick = perSecond / TICKS
  for (let tick = 0; tick < seconds * TICKS; tick++) {
    const runs = Array.from({ length: perTick }, (_, n) => {
      const share = (tick * perTick + n) % 100
      if (share < STRANGERS) return failure(50_000 + number)
      return failure(share < STRANGERS + PROBES ? probes++ % HOT : number % clusters)
    })
    const atMs = clock.nowMs()
    await publish(runs)
    for (const [n, { traceId }] of runs.entries()) {
      const share = (tick * perTick + n) % 100
      if (share >= STRANGERS && share < STRANGERS + PROBES) sentAt.set(traceId, atMs)
    }
    await sleep(Math.max(0, startedMs + ((tick + 1) * 1000) / TICKS - clock.nowMs()))
  }
  const sentMs = clock.nowMs() - startedMs
  await sleep(3000)
  const seen = new Map<string, number>()
  let published = 0
  let last = before
  for await (const ranking of rankings()) {
    if (ranking.atMs < startedMs) continue
    published++
    last = ranking
    for (const id of ranking.examples)
      if (sentAt.has(id) && !seen.has(id)) seen.set(id, ranking.atMs - (sentAt.get(id) ?? 0))
  }
  const delays = [...seen.values()].sort((a, b) => a - b)
  process.stdout.write(
    `${JSON.stringify({
      clusters: before.clusters,
      runsPerSecond: Math.round((perSecond * seconds * 1000) / sentMs),
      seconds,
      rankings: published,
      reclusterings,
      probes: sentAt.size,
      seen: delays.length,
      p50Ms: percentile(delays, 0.5),
      p99Ms: percentile(delays, 0.99),
      maxMs: delays.at(-1),
      behind: number - last.failures,
    })}\n`,
  )
} finally {
  await miner.stop()
  await context.close()
}
