import { afterEach, describe, expect, test } from 'vitest'
import { startMiner } from '../../../consumers/miner/main.ts'
import { windowStartMs } from '../../../consumers/priority/failure-window.ts'
import { listClusters } from '../../../consumers/priority/list-clusters.ts'
import { runRow } from '../../../consumers/runs/run-row.ts'
import type { ModelClient } from '../../../pipeline/model-client/model-client.ts'
import type { Role } from '../../../pipeline/service-runtime/role.ts'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import { decodeEvent, encodeEvent } from '../../../schemas/cloud-event.ts'
import type { ClusterEvent, ClusterRanking } from '../../../schemas/cluster.ts'
import {
  CLUSTER_AGGREGATES_SQL,
  type ClusterAggregateRow,
} from '../../../schemas/cluster-listing.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { FAILURE_KINDS, failureRun } from '../../support/failure-run.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'

let context: TestContext
let role: Role | null = null

const open = async (model: ModelClient | null = null, settings: object = {}): Promise<void> => {
  context = await openTestContext({
    configuration: { miner: { reclusterMs: 30, windowHours: 24 * 3650, ...settings } },
    model,
  })
  role = await startMiner(context)
}

const restart = async (): Promise<void> => {
  await role?.stop()
  role = await startMiner(context)
}

afterEach(async () => {
  await role?.stop()
  role = null
  await context.close()
})

const publish = (runs: readonly AgentRun[]): Promise<void> =>
  context.log.append(
    runs.map((run) =>
      encodeEvent(TOPICS.runs, run, {
        id: run.revision,
        source: '/test',
        time: run.endedAt,
        key: run.traceId,
      }),
    ),
  )

const kind = (name: string, from: number, count: number): AgentRun[] =>
  Array.from({ length: count }, (_, place) => {
    const make = FAILURE_KINDS[name]
    if (make === undefined) throw new Error(`no kind ${name}`)
    return make(from + place)
  })

const rankings = async (): Promise<ClusterRanking[]> => {
  const all: ClusterRanking[] = []
  for await (const record of context.log.readAll(TOPICS.rankedClusters.name))
    all.push(decodeEvent(TOPICS.rankedClusters, record))
  return all
}

/** The newest ranking that satisfies a condition, as soon as the newest does. */
const rankingWhere = async (
  condition: (ranking: ClusterRanking) => boolean,
): Promise<ClusterRanking> =>
  expect
    .poll(
      async () => {
        const newest = (await rankings()).at(-1)
        return newest !== undefined && condition(newest) ? newest : null
      },
      { timeout: 20_000, interval: 50 },
    )
    .not.toBeNull()
    .then(async () => {
      const newest = (await rankings()).at(-1)
      if (newest === undefined) throw new Error('no ranking')
      return newest
    })

const sizes = (ranking: ClusterRanking): number[] =>
  ranking.clusters.map(({ failures }) => failures).sort((a, b) => b - a)

const isSettled =
  (...expected: number[]) =>
  (ranking: ClusterRanking) =>
    JSON.stringify(sizes(ranking)) === JSON.stringify(expected)

const listing = async () => {
  const asOfMs = context.clock.nowMs()
  const { windowHours, halfLifeHours } = context.configuration.miner
  const rows = await context.store.query<ClusterAggregateRow>(CLUSTER_AGGREGATES_SQL, {
    windowStart: Math.max(0, windowStartMs(asOfMs, windowHours)),
  })
  return listClusters(rows, { asOfMs, halfLifeHours })
}

describe('the miner', () => {
  test('makes one cluster of each kind of failure and publishes the ranking with its three factors', async () => {
    await open()
    await publish([...kind('conflict', 0, 9), ...kind('loop', 100, 6), ...kind('address', 200, 4)])
    const ranking = await rankingWhere(isSettled(9, 6, 4))
    expect(ranking).toMatchObject({ agent: 'desk', failuresInWindow: 19, noise: 0 })
    for (const cluster of ranking.clusters) {
      expect(cluster.priority).toBe(cluster.failures * (1 - cluster.meanScore) * cluster.recency)
      expect(cluster.exampleTraceIds).toHaveLength(Math.min(5, cluster.failures))
    }
    expect(ranking.clusters.map(({ rank }) => rank)).toEqual([1, 2, 3])
    expect(ranking.clusters.map(({ taskType }) => taskType).sort()).toEqual([
      'address',
      'refund',
      'refund',
    ])
    expect(ranking.clusters[0]?.summary).toContain('refund_order')

    const rows = await listing()
    const shown = ({
      id,
      rank,
      failures,
      meanScore,
      summary,
      exampleTraceIds,
    }: (typeof rows)[number]) => ({
      id,
      rank,
      failures,
      meanScore,
      summary,
      exampleTraceIds,
    })
    const last = (await rankings()).at(-1)?.clusters ?? []
    expect(rows.map(shown)).toEqual(last.map(shown))
  })

  test('counts a run once, however often and in however many batches its record comes', async () => {
    await open()
    const runs = [...kind('conflict', 0, 5), ...kind('loop', 100, 5)]
    await publish(runs)
    await publish(runs)
    await rankingWhere(isSettled(5, 5))
    await publish([...runs, ...kind('loop', 200, 1)])
    const ranking = await rankingWhere(isSettled(6, 5))
    expect(ranking.failuresInWindow).toBe(11)
  })

  test('takes a failure back when its run passes after all', async () => {
    await open()
    const runs = [...kind('conflict', 0, 5), ...kind('loop', 100, 5)]
    await publish(runs)
    await rankingWhere(isSettled(5, 5))
    const [first] = runs
    if (first === undefined) throw new Error('no run')
    await publish([{ ...first, revision: 'later', outcome: 'pass', score: 1 }])
    const ranking = await rankingWhere(isSettled(5, 4))
    expect(ranking.failuresInWindow).toBe(9)
    expect((await listing()).map(({ failures }) => failures)).toEqual([5, 4])
  })

  test('keeps the ids of clusters over a restart and through new failures', async () => {
    await open()
    await publish([...kind('conflict', 0, 6), ...kind('loop', 100, 4)])
    const before = await rankingWhere(isSettled(6, 4))
    await restart()
    await publish([...kind('loop', 300, 5), ...kind('address', 200, 3)])
    const after = await rankingWhere(isSettled(9, 6, 3))
    const idOfSize = (ranking: ClusterRanking, size: number): string | undefined =>
      ranking.clusters.find(({ failures }) => failures === size)?.id
    expect(idOfSize(after, 9)).toBe(idOfSize(before, 4))
    expect(idOfSize(after, 6)).toBe(idOfSize(before, 6))
    const events: ClusterEvent[] = []
    for await (const record of context.log.readAll(TOPICS.clusterEvents.name))
      events.push(decodeEvent(TOPICS.clusterEvents, record))
    expect(events.map((event) => event.kind)).toEqual(['emerged', 'emerged', 'emerged'])
  })

  test('refines a diagnosis by the model, and keeps the rules where the answer copies a trace', async () => {
    const requests: string[] = []
    const model: ModelClient = {
      embed: async () => [],
      chat: async ({ messages }) => {
        const text = messages.map(({ content }) => content).join('\n')
        requests.push(text)
        const isLoop = text.includes('cannot find')
        return {
          text: JSON.stringify({
            rootCauseType: 'prompt',
            component: 'support',
            hypothesis: isLoop
              ? 'See https://example.com for what to do'
              : 'The agent pays back without reading the order first.',
            rule: 'Read the order before paying it back.',
            examples: [1, 2, 99],
            confidence: 0.8,
          }),
          model: 'm',
          inputTokens: 1,
          outputTokens: 1,
        }
      },
    }
    await open(model)
    await publish([...kind('conflict', 0, 5), ...kind('loop', 100, 4)])
    const ranking = await rankingWhere((one) =>
      one.clusters.some(({ diagnosis }) => diagnosis.source === 'model'),
    )
    const [conflict, loop] = ranking.clusters
    expect(conflict).toMatchObject({
      rootCauseType: 'prompt',
      diagnosis: { source: 'model', component: 'support' },
    })
    expect(conflict?.diagnosis.evidence).toHaveLength(2)
    expect(loop).toMatchObject({ rootCauseType: 'unknown', diagnosis: { source: 'deterministic' } })
    expect(requests[0]).toContain('<<<')
  })

  test('asks about single runs of a cluster that matters, and lets them overrule it in the open', async () => {
    const questions = { cluster: 0, run: 0 }
    const model: ModelClient = {
      embed: async () => [],
      chat: async ({ schema }) => {
        const isRun = schema?.name === 'trace_diagnosis'
        questions[isRun ? 'run' : 'cluster'] += 1
        const said = isRun
          ? { rootCauseType: 'scaffold', step: 1, confidence: 0.9 }
          : {
              rootCauseType: 'prompt',
              component: 'support',
              hypothesis: 'The agent pays back without reading the order first.',
              rule: 'Read the order before paying it back.',
              examples: [1],
              confidence: 0.8,
            }
        return { text: JSON.stringify(said), model: 'm', inputTokens: 1, outputTokens: 1 }
      },
    }
    await open(model)
    const runs = kind('conflict', 0, 5)
    await context.store.insert(
      'neosigma_runs',
      runs.map((run) => runRow(run, '1')),
    )
    await publish(runs)
    const ranking = await rankingWhere((one) =>
      one.clusters.some(({ diagnosis }) => diagnosis.traces !== undefined),
    )
    const [conflict] = ranking.clusters
    expect(conflict).toMatchObject({
      rootCauseType: 'scaffold',
      diagnosis: { clusterType: 'prompt', component: '', source: 'model' },
    })
    expect(conflict?.diagnosis.traces).toHaveLength(5)
    expect(runs.map(({ steps }) => steps[0]?.spanId)).toContain(
      conflict?.diagnosis.evidence[0]?.spanId,
    )
    expect(questions).toEqual({ cluster: 1, run: 5 })
  })

  test('asks no more often in a day than is allowed: the rules stand', async () => {
    let asked = 0
    const model: ModelClient = {
      embed: async () => [],
      chat: async () => {
        asked += 1
        return { text: '{}', model: 'm', inputTokens: 1, outputTokens: 1 }
      },
    }
    await open(model, { maxModelCallsPerDay: 1 })
    await publish([...kind('conflict', 0, 5), ...kind('loop', 100, 4)])
    const ranking = await rankingWhere(isSettled(5, 4))
    expect(ranking.clusters.map(({ diagnosis }) => diagnosis.source)).toEqual([
      'deterministic',
      'deterministic',
    ])
    await expect.poll(() => asked).toBe(1)
    await publish(kind('conflict', 200, 12))
    await rankingWhere(isSettled(17, 4))
    expect(asked).toBe(1)
  })

  test('sends a record that is no run to the dead letters and goes on', async () => {
    await open()
    await context.log.append([
      { topic: TOPICS.runs.name, key: 'x', value: new TextEncoder().encode('{"no":"run"}') },
    ])
    await publish([...kind('conflict', 0, 3), failureRun(900, [], { outcome: 'pass', score: 1 })])
    const ranking = await rankingWhere(isSettled(3))
    expect(ranking.failuresInWindow).toBe(3)
    let dead = 0
    for await (const _ of context.log.readAll(TOPICS.deadLetter.name)) dead++
    expect(dead).toBe(1)
  })
})
