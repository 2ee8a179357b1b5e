import { expect, test } from 'vitest'
import { TOPICS } from '../../../schemas/topics.ts'
import { failureRun } from '../../support/failure-run.ts'
import { hasSizes, openMiner, runsOfKind } from '../../support/miner-runs.ts'

const counted = async (miner: Awaited<ReturnType<typeof openMiner>>, name: string) => {
  const rows = await miner.context.store.query<{ readonly n: string }>(name)
  return Number(rows[0]?.n ?? 0)
}

test('a failure from the future counts as of now, an ancient one is stored and never ranked', async () => {
  const miner = await openMiner({ configuration: { miner: { windowHours: 168 } } })
  const now = new Date().toISOString()
  const at = (endedAt: string, number: number) => ({
    ...failureRun(number, [{ tool: 'book', error: { type: 'E', message: 'no seat' } }]),
    startedAt: endedAt,
    endedAt,
  })
  await miner.publish([
    at(now, 1),
    at(now, 2),
    at('2999-01-01T00:00:00Z', 3),
    at('0001-01-01T00:00:00Z', 4),
    at('1970-01-01T00:00:00Z', 5),
  ])
  const ranking = await miner.rankingWhere(hasSizes(3))
  expect(ranking.failuresInWindow).toBe(3)
  for (const { hoursSinceLatest, latestAt, recency } of ranking.clusters) {
    expect(hoursSinceLatest).toBeLessThan(1)
    expect(Date.parse(latestAt)).toBeLessThanOrEqual(Date.parse(ranking.asOf))
    expect(recency).toBeGreaterThan(0.9)
  }
  expect(await counted(miner, 'SELECT count() AS n FROM neosigma_cluster_members FINAL')).toBe(5)
})

test('a run without a score is a dead letter, and holds up nothing', async () => {
  const miner = await openMiner()
  const [scored] = runsOfKind('conflict', 0, 1)
  if (scored === undefined) throw new Error('no run')
  const { score: _, ...without } = scored
  const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
  await miner.context.log.append(
    [without, { ...scored, score: null }, { ...scored, score: 7 }].map((value) => ({
      topic: TOPICS.runs.name,
      key: scored.traceId,
      value: bytes(value),
    })),
  )
  await miner.publish(runsOfKind('conflict', 10, 3))
  await miner.rankingWhere(hasSizes(3))
  let dead = 0
  for await (const __ of miner.context.log.readAll(TOPICS.deadLetter.name)) dead++
  expect(dead).toBe(3)
})

test('megabytes of error text make a small fingerprint and a small ranking', async () => {
  const miner = await openMiner()
  const huge = (number: number) =>
    failureRun(number, [
      {
        tool: 'fetch_page',
        error: { type: 'T'.repeat(1_000_000), message: `cannot read ${'x'.repeat(1_000_000)}` },
      },
    ])
  await miner.publish([huge(1), huge(2), huge(3)])
  const ranking = await miner.rankingWhere(hasSizes(3))
  expect(JSON.stringify(ranking).length).toBeLessThan(20_000)
  expect(
    await counted(miner, 'SELECT max(length(Body)) AS n FROM neosigma_cluster_members FINAL'),
  ).toBeLessThan(20_000)
})

test('a cluster that was closed says so when it returns', async () => {
  const miner = await openMiner()
  const runs = runsOfKind('conflict', 0, 4)
  await miner.publish([...runs, ...runsOfKind('loop', 100, 4)])
  const before = await miner.rankingWhere(hasSizes(4, 4))
  const id = before.clusters.find(({ summary }) => summary.includes('refund_order'))?.id
  await miner.publish(
    runs.map((run) => ({ ...run, revision: `${run.revision}-2`, outcome: 'pass', score: 1 })),
  )
  await expect.poll(async () => (await miner.lineage()).at(-1)?.kind).toBe('vanished')
  await miner.restart()
  await miner.publish(runsOfKind('conflict', 50, 5))
  const after = await miner.rankingWhere(hasSizes(5, 4))
  const returned = after.clusters.find((cluster) => cluster.id === id)
  expect(returned?.failures).toBe(5)
  expect(returned?.reopenedAt).not.toBeNull()
  expect((await miner.lineage()).map(({ kind }) => kind)).toEqual([
    'emerged',
    'emerged',
    'vanished',
    'reopened',
  ])
  expect(await counted(miner, `SELECT count() AS n FROM neosigma_cluster_events FINAL`)).toBe(4)
})
