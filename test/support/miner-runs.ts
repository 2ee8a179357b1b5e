import { expect, onTestFinished } from 'vitest'
import { startMiner } from '../../consumers/miner/main.ts'
import type { Role } from '../../pipeline/service-runtime/role.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { decodeEvent, encodeEvent } from '../../schemas/cloud-event.ts'
import type { ClusterEvent, ClusterRanking } from '../../schemas/cluster.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { FAILURE_KINDS } from './failure-run.ts'
import { openTestContext, type TestContextOptions } from './open-test-context.ts'

/** A miner on the embedded engines, with what a test does to it and sees of it. Closes itself. */
export const openMiner = async (options: TestContextOptions = {}) => {
  const context = await openTestContext({
    ...options,
    configuration: {
      ...options.configuration,
      miner: { reclusterMs: 30, windowHours: 24 * 3650, ...options.configuration?.miner },
    },
  })
  let role: Role = await startMiner(context)
  onTestFinished(async () => {
    await role.stop()
    await context.close()
  })
  const rankings = async (): Promise<ClusterRanking[]> => {
    const all: ClusterRanking[] = []
    for await (const record of context.log.readAll(TOPICS.rankedClusters.name))
      all.push(decodeEvent(TOPICS.rankedClusters, record))
    return all
  }
  const lineage = async (): Promise<ClusterEvent[]> => {
    const all: ClusterEvent[] = []
    for await (const record of context.log.readAll(TOPICS.clusterEvents.name))
      all.push(decodeEvent(TOPICS.clusterEvents, record))
    return all
  }
  const newest = async (): Promise<ClusterRanking | undefined> => (await rankings()).at(-1)
  return {
    context,
    rankings,
    lineage,
    publish: (runs: readonly AgentRun[]): Promise<void> =>
      context.log.append(
        runs.map((run) =>
          encodeEvent(TOPICS.runs, run, {
            id: run.revision,
            source: '/test',
            time: '2026-11-01T10:00:00.000Z',
            key: run.traceId,
          }),
        ),
      ),
    restart: async (): Promise<void> => {
      await role.stop()
      role = await startMiner(context)
    },
    /** The newest ranking, as soon as it satisfies a condition. */
    rankingWhere: async (
      condition: (ranking: ClusterRanking) => boolean,
    ): Promise<ClusterRanking> => {
      await expect
        .poll(
          async () => {
            const ranking = await newest()
            return ranking !== undefined && condition(ranking)
          },
          { timeout: 20_000, interval: 50 },
        )
        .toBe(true)
      const ranking = await newest()
      if (ranking === undefined) throw new Error('no ranking')
      return ranking
    },
  }
}

export const runsOfKind = (name: string, from: number, count: number): AgentRun[] =>
  Array.from({ length: count }, (_, place) => {
    const make = FAILURE_KINDS[name]
    if (make === undefined) throw new Error(`no kind ${name}`)
    return make(from + place)
  })

/** Failures per cluster, the largest first. */
export const sizesOf = (ranking: ClusterRanking): number[] =>
  ranking.clusters.map(({ failures }) => failures).sort((a, b) => b - a)

export const hasSizes =
  (...expected: number[]) =>
  (ranking: ClusterRanking): boolean =>
    JSON.stringify(sizesOf(ranking)) === JSON.stringify(expected)
