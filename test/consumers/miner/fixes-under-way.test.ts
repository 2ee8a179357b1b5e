import { expect, test } from 'vitest'
import { runRow } from '../../../consumers/runs/run-row.ts'
import { agentConfig, configDigest } from '../../../schemas/agent-config.ts'
import { encodeEvent } from '../../../schemas/cloud-event.ts'
import type { RankedCluster } from '../../../schemas/cluster.ts'
import type { CycleEvent } from '../../../schemas/cycle-event.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { hasSizes, openMiner, runsOfKind } from '../../support/miner-runs.ts'

type OpenMiner = Awaited<ReturnType<typeof openMiner>>
const AT = '2026-11-01T12:00:00.000Z'

const tell = ({ context }: OpenMiner, event: CycleEvent): Promise<void> =>
  context.log.append([
    encodeEvent(TOPICS.cycleEvents, event, {
      id: `${event.cycleId}-${event.type}`,
      source: '/test',
      time: AT,
      key: event.agent,
    }),
  ])
const startFix = (miner: OpenMiner, cluster: RankedCluster): Promise<void> => {
  const config = agentConfig.parse({})
  return tell(miner, {
    type: 'cycle-started',
    cycleId: 'cycle-1',
    agent: 'desk',
    at: AT,
    cluster,
    baseline: { digest: configDigest(config), config },
    seed: 1,
    policyDigest: configDigest(config),
    maxAgentRuns: 1,
  })
}
const endFix = (miner: OpenMiner): Promise<void> =>
  tell(miner, {
    type: 'cycle-finished',
    cycleId: 'cycle-1',
    agent: 'desk',
    at: AT,
    outcome: 'Rejected',
    reason: 'it was no better',
    coolDownUntil: null,
  })
const clusterOf = (
  ranking: { readonly clusters: readonly RankedCluster[] },
  id: string,
): RankedCluster | undefined => ranking.clusters.find((cluster) => cluster.id === id)

test('a cluster under repair keeps its failures, also over a restart; what came meanwhile joins when the fix has ended', async () => {
  const miner = await openMiner()
  const conflicts = runsOfKind('conflict', 0, 6)
  await miner.publish([...conflicts, ...runsOfKind('loop', 100, 4)])
  const before = await miner.rankingWhere(hasSizes(6, 4))
  const [conflict] = before.clusters
  if (conflict === undefined) throw new Error('no cluster')
  await startFix(miner, conflict)
  await miner.restart()

  await miner.publish([...runsOfKind('conflict', 20, 5), ...runsOfKind('loop', 120, 1)])
  const during = await miner.rankingWhere(({ failuresInWindow }) => failuresInWindow === 16)
  const settled = await miner.rankingWhere(
    (ranking) => clusterOf(ranking, conflict.id)?.waiting === 5 && ranking.noise === 5,
  )
  expect(during.failuresInWindow).toBe(16)
  expect(clusterOf(settled, conflict.id)).toMatchObject({ failures: 6, frozen: true, waiting: 5 })
  expect(settled.clusters.map(({ failures }) => failures).sort()).toEqual([5, 6])

  // One of its runs passes after all: applied when the fix has ended.
  const [first] = conflicts
  if (first === undefined) throw new Error('no run')
  const passed = { ...first, revision: 'later', outcome: 'pass' as const, score: 1 }
  await miner.context.store.insert('neosigma_runs', [
    runRow(passed, AT.replace('T', ' ').slice(0, 23)),
  ])
  await miner.publish([passed])
  await miner.publish(runsOfKind('loop', 130, 1))
  const held = await miner.rankingWhere(({ failuresInWindow }) => failuresInWindow === 17)
  expect(clusterOf(held, conflict.id)?.failures).toBe(6)

  await endFix(miner)
  const after = await miner.rankingWhere(hasSizes(10, 6))
  expect(clusterOf(after, conflict.id)).toMatchObject({ failures: 10, frozen: false, waiting: 0 })
  expect(after.noise).toBe(0)
  expect((await miner.lineage()).map(({ kind }) => kind)).toEqual(['emerged', 'emerged'])
}, 60_000)
