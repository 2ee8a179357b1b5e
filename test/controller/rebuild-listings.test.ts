import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectTopics } from '../../controller/project-topics.ts'
import {
  LISTINGS,
  type RebuildProgress,
  rebuildListing,
} from '../../controller/rebuild-listings.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { aDecision, aVersion } from '../support/a-decision.ts'
import { anEvaluation } from '../support/an-evaluation.ts'
import { appendEvent, eventually } from '../support/controller-topics.ts'
import { openTestContext, type TestContext } from '../support/open-test-context.ts'
import { candidateTested, given, told } from '../support/specify-cycle.ts'

let context: TestContext
beforeEach(async () => {
  context = await openTestContext()
})
afterEach(() => context.close())

const meta = (id: string) => ({
  id,
  source: '/test',
  time: '2026-01-01T00:00:00.000Z',
  key: 'support',
})

const appendDecision = (text: string, agent = 'support'): Promise<void> => {
  const decision = aDecision('promote', aVersion(text), { cause: text, agent })
  return context.log.append([encodeEvent(TOPICS.decisions, decision, meta(decision.id))])
}

/** A whole cycle, decisions and more evaluations than one block. */
const appendAll = async (): Promise<void> => {
  const { events } = given(
    told.started(),
    told.prepared(),
    candidateTested('wide', false),
    candidateTested('narrow', true, 1),
  ).settled()
  for (const event of events) await appendEvent(context.log, event)
  for (const text of ['one', 'two', 'three']) await appendDecision(text)
  await context.log.append(
    Array.from({ length: 2500 }, (_, i) => anEvaluation({ taskId: `t-${i}` })).map((one) =>
      encodeEvent(TOPICS.evaluations, one, meta(one.id)),
    ),
  )
}

const tableOf = (listing: string): Promise<unknown[]> =>
  context.store.query(`SELECT * FROM neosigma_${listing} FINAL ORDER BY Id`)
const contents = () => Promise.all(LISTINGS.map(tableOf))

const rebuildAll = async (): Promise<readonly RebuildProgress[]> => {
  const steps: RebuildProgress[] = []
  for (const listing of LISTINGS)
    for await (const step of rebuildListing(context, listing)) steps.push(step)
  return steps
}

/** The controller's projections run until the log has been read. */
const whileProjecting = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const stopping = new AbortController()
  const projecting = projectTopics(context, stopping.signal)
  try {
    const result = await work()
    await eventually(async () => {
      const lags = await context.log.lag('neosigma-projections')
      return lags.length > 0 && lags.every(({ committed, end }) => (committed ?? 0n) === end)
    })
    return result
  } finally {
    stopping.abort()
    await projecting
  }
}

test('a rebuild gives what the controller has written, from nothing and again', async () => {
  await whileProjecting(appendAll)
  const projected = await contents()
  expect(projected.map(({ length }) => length)).toEqual([1, 2500, 3])
  for (const listing of LISTINGS) await context.store.command(`TRUNCATE neosigma_${listing}`)
  const steps = await rebuildAll()
  expect(await contents()).toEqual(projected)
  expect(steps.filter(({ done }) => done)).toMatchObject([
    { listing: 'cycles', rows: 1 },
    { listing: 'evaluations', records: 2500, rows: 2500 },
    { listing: 'decisions', records: 3, rows: 3 },
  ])
  expect(steps.filter(({ listing }) => listing === 'evaluations').length).toBeGreaterThan(2)
  await rebuildAll()
  expect(await contents()).toEqual(projected)
})

test('rows that do not follow from the topic are gone, also where they claim to be newer', async () => {
  await whileProjecting(appendAll)
  const projected = await contents()
  await context.store.command(
    `INSERT INTO neosigma_decisions SELECT * REPLACE ('wrong' AS Body, 1000000 AS Version) FROM neosigma_decisions`,
  )
  await context.store.command(
    `INSERT INTO neosigma_cycles SELECT * REPLACE ('of-nothing' AS Id) FROM neosigma_cycles`,
  )
  expect(await contents()).not.toEqual(projected)
  await rebuildAll()
  expect(await contents()).toEqual(projected)
})

test('what is decided during the rebuild is listed, wherever the controller wrote it', async () => {
  await whileProjecting(async () => {
    await appendAll()
    const listed = (n: number) => eventually(async () => (await tableOf('decisions')).length >= n)
    await listed(3)
    const { store } = context
    const meanwhile = {
      ...context,
      store: {
        ...store,
        command: async (sql: string) => {
          // Into the table that is about to be thrown away, and into the one that takes its place.
          if (sql.startsWith('EXCHANGE')) {
            await appendDecision('before')
            await listed(4)
          }
          await store.command(sql)
          if (sql.startsWith('EXCHANGE')) await appendDecision('after')
        },
      },
    }
    for await (const _ of rebuildListing(meanwhile, 'decisions'));
  })
  expect(await tableOf('decisions')).toHaveLength(5)
  const left = await context.store.query(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%rebuild%'`,
  )
  expect(left).toEqual([])
})

test('a rebuild that fails leaves the listing as it was', async () => {
  await whileProjecting(appendAll)
  const before = await tableOf('decisions')
  const { store } = context
  const failing = {
    ...context,
    store: { ...store, insert: () => Promise.reject(new Error('broken')) },
  }
  await expect(async () => {
    for await (const _ of rebuildListing(failing, 'decisions'));
  }).rejects.toThrow('broken')
  expect(await tableOf('decisions')).toEqual(before)
})
