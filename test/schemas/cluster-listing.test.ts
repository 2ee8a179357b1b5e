import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { migrate } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { CLUSTER_AGGREGATES_SQL, type ClusterAggregateRow } from '../../schemas/cluster-listing.ts'
import { type ClusterMemberRow, storeTime } from '../../schemas/tables.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NOW = Date.UTC(2026, 2, 8, 12)
const HOUR = 3_600_000
const { folder, remove } = temporaryFolder()
let store: TraceStore

const member = (
  overrides: Partial<ClusterMemberRow> & { readonly TraceId: string },
): ClusterMemberRow => ({
  Agent: 'desk',
  ClusterId: 'c1',
  Fingerprint: 'f',
  TaskType: 'refund',
  Score: 0.25,
  At: storeTime(NOW),
  UserId: null,
  SessionId: null,
  Body: '{}',
  Removed: 0,
  Version: '1',
  ...overrides,
})

const listing = async (agent: string): Promise<readonly ClusterAggregateRow[]> => {
  const rows = await store.query<ClusterAggregateRow>(CLUSTER_AGGREGATES_SQL, {
    windowStart: NOW - 24 * HOUR,
  })
  return rows.filter((row) => row.agent === agent)
}
const insert = (rows: readonly ClusterMemberRow[]): Promise<void> =>
  store.insert('neosigma_cluster_members', rows)

beforeAll(async () => {
  store = await openTraceStore({ traceStore: { driver: 'chdb' }, dataDir: folder }, NO_SECRETS)
  await migrate(store)
})
afterAll(async () => {
  await store.close()
  remove()
})

test('adds up failures, scores, users and sessions, and names the five newest', async () => {
  const rows = Array.from({ length: 7 }, (_, hours) =>
    member({
      TraceId: `t${hours}`,
      At: storeTime(NOW - hours * HOUR),
      UserId: `user-${hours % 3}`,
      SessionId: hours === 0 ? null : `session-${hours}`,
    }),
  )
  await insert(rows)
  expect(await listing('desk')).toEqual([
    {
      id: 'c1',
      agent: 'desk',
      taskType: 'refund',
      failures: '7',
      scoreUnits: String(7 * 0.25 * 2 ** 32),
      latestMs: String(NOW),
      exampleTraceIds: ['t0', 't1', 't2', 't3', 't4'],
      users: '3',
      sessions: '6',
      rootCauseType: '',
      summary: '',
    },
  ])
})

test('a row that is there twice counts once, a later version of it replaces it', async () => {
  const one = member({ Agent: 'twice', TraceId: 'a', Score: 0 })
  await insert([one, member({ ...one, TraceId: 'b' })])
  await insert([one])
  await insert([member({ ...one, TraceId: 'b', ClusterId: 'c2', Version: '2' })])
  const counted = (await listing('twice')).map(({ id, failures }) => [id, failures])
  expect(counted.sort()).toEqual([
    ['c1', '1'],
    ['c2', '1'],
  ])
})

test('noise, runs that were relabelled and what is older than the window count nothing', async () => {
  await insert([
    member({ Agent: 'edge', TraceId: 'noise', ClusterId: '' }),
    member({ Agent: 'edge', TraceId: 'removed', Removed: 1 }),
    member({ Agent: 'edge', TraceId: 'old', At: storeTime(NOW - 24 * HOUR - 1) }),
    member({ Agent: 'edge', TraceId: 'first', At: storeTime(NOW - 24 * HOUR) }),
  ])
  const [row, ...more] = await listing('edge')
  expect(more).toEqual([])
  expect(row).toMatchObject({ failures: '1', exampleTraceIds: ['first'] })
})

test('clusters of two agents with one id are two; unlike task types are none', async () => {
  await insert([
    member({ Agent: 'mixed', TraceId: 'a', TaskType: null }),
    member({ Agent: 'mixed', TraceId: 'b' }),
  ])
  expect(await listing('mixed')).toMatchObject([{ id: 'c1', taskType: null, failures: '2' }])
  expect(await listing('desk')).toMatchObject([{ id: 'c1', failures: '7' }])
})

test('says what is known of the cluster', async () => {
  await store.insert('neosigma_clusters', [
    { Id: 'c1', Agent: 'desk', Summary: 'first', RootCauseType: 'unknown', Version: '1' },
    { Id: 'c1', Agent: 'desk', Summary: 'second', RootCauseType: 'prompt', Version: '2' },
  ])
  expect(await listing('desk')).toMatchObject([{ rootCauseType: 'prompt', summary: 'second' }])
})
