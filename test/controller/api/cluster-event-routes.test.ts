import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterEvent } from '../../../schemas/cluster.ts'
import { storeTime } from '../../../schemas/tables.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

const NOON = Date.UTC(2026, 10, 1, 12)
let api: TestApi

const event = (ClusterId: string, minute: number, Kind: string, Agent = 'desk') => ({
  Agent,
  ClusterId,
  Kind,
  RelatedIds: Kind === 'split' ? ['c-1'] : [],
  Failures: '7',
  At: storeTime(NOON + minute * 60_000),
})

beforeAll(async () => {
  api = await openApi()
  const rows = [
    event('c-1', 0, 'emerged'),
    event('c-2', 1, 'split'),
    event('c-1', 1, 'survived'),
    event('c-2', 2, 'vanished'),
    event('c-9', 3, 'emerged', 'sales'),
  ]
  await api.context.store.insert('neosigma_cluster_events', rows)
  // A process that died after it stored says the same again.
  await api.context.store.insert('neosigma_cluster_events', rows)
})
afterAll(() => api.close())

const listing = async (query: string): Promise<readonly ClusterEvent[]> => {
  const items: ClusterEvent[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const path = `/v1/cluster-events?limit=2${query}${cursor === '' ? '' : `&cursor=${cursor}`}`
    const page = (await api.ask(path)).body as {
      readonly items: readonly ClusterEvent[]
      readonly next: string | null
    }
    items.push(...page.items)
    cursor = page.next
  }
  return items
}

test('tells what became of clusters, newest first, each event once over all pages', async () => {
  const said = (await listing('&agent=desk')).map(({ clusterId, kind }) => `${clusterId} ${kind}`)
  expect(said).toEqual(['c-2 vanished', 'c-2 split', 'c-1 survived', 'c-1 emerged'])
})

test('tells the history of one cluster with its relatives', async () => {
  expect(await listing('&cluster=c-2')).toEqual([
    {
      clusterId: 'c-2',
      agent: 'desk',
      kind: 'vanished',
      relatedIds: [],
      failures: 7,
      at: '2026-11-01T12:02:00.000Z',
    },
    {
      clusterId: 'c-2',
      agent: 'desk',
      kind: 'split',
      relatedIds: ['c-1'],
      failures: 7,
      at: '2026-11-01T12:01:00.000Z',
    },
  ])
})
