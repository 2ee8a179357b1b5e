import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeTime } from '../../../schemas/tables.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

const HOUR_MS = 3_600_000
let api: TestApi

const member = (number: number, clusterId: string, hoursAgo: number, score: number) => ({
  Agent: clusterId === 'c-3' ? 'sales' : 'support',
  TraceId: number.toString(16).padStart(32, '0'),
  ClusterId: clusterId,
  Fingerprint: 'f',
  TaskType: 'refund',
  Score: score,
  At: storeTime(Date.now() - hoursAgo * HOUR_MS),
  UserId: null,
  SessionId: null,
  Body: '{}',
  Removed: 0,
  Version: '1',
})

beforeAll(async () => {
  api = await openApi()
  await api.context.store.insert('neosigma_cluster_members', [
    member(1, 'c-1', 1, 0.25),
    member(2, 'c-1', 2, 0.1),
    member(3, 'c-1', 3, 0),
    member(4, 'c-2', 48, 0),
    member(5, 'c-2', 49, 0),
    member(6, 'c-3', 0.5, 0.4),
    member(7, '', 0, 0),
    member(8, 'c-1', 400, 0),
  ])
  await api.context.store.insert('neosigma_clusters', [
    {
      Id: 'c-1',
      Agent: 'support',
      TaskType: 'refund',
      Summary: 'refunds go wrong',
      RootCauseType: 'prompt',
      Diagnosis: '{}',
      ExampleTraceIds: [],
      Fingerprints: [],
      Closed: 0,
      CreatedAt: storeTime(Date.now()),
      Version: '1',
    },
  ])
})
afterAll(() => api.close())

interface Row {
  readonly id: string
  readonly rank: number
  readonly failures: number
  readonly meanScore: number
  readonly recency: number
  readonly priority: number
}
const list = async (query: string) =>
  (await api.ask(`/v1/clusters${query}`)).body as {
    readonly items: readonly Row[]
    readonly next: string | null
  }

test('clusters are ranked by the product of their three factors, exactly; noise and what is older than the window are none', async () => {
  const { items, next } = await list('')
  expect(items.map(({ id, rank, failures }) => [id, rank, failures])).toEqual([
    ['c-1', 1, 3],
    ['c-3', 2, 1],
    ['c-2', 3, 2],
  ])
  for (const { priority, failures, meanScore, recency } of items)
    expect(priority).toBe(failures * (1 - meanScore) * recency)
  expect(next).toBeNull()
})

test('a row has exactly the documented members', async () => {
  const [first] = (await list('')).items
  expect(Object.keys(first ?? {}).sort()).toEqual(
    'agent exampleTraceIds failures hoursSinceLatest id meanScore priority rank recency rootCauseType summary taskType'.split(
      ' ',
    ),
  )
  expect(first).toMatchObject({
    agent: 'support',
    taskType: 'refund',
    rootCauseType: 'prompt',
    summary: 'refunds go wrong',
    exampleTraceIds: [1, 2, 3].map((number) => number.toString(16).padStart(32, '0')),
  })
})

test('pages are of one time, and a filter keeps the ranks of the whole list', async () => {
  const first = await list('?limit=1')
  const second = await list(`?limit=5&cursor=${first.next}`)
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['c-1', 'c-3', 'c-2'])
  expect((await list('?agent=sales')).items).toMatchObject([{ id: 'c-3', rank: 2 }])
})
