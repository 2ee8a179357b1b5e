import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRunRow } from '../../support/a-run-row.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

const START_MS = Date.parse('2026-03-01T10:00:00.123Z')
let api: TestApi

beforeAll(async () => {
  api = await openApi()
  await api.context.store.insert('neosigma_runs', [
    aRunRow(1),
    aRunRow(2, { startedMs: START_MS + 60_000, Outcome: 'fail', Score: 0.25, TaskType: null }),
    // Started together: the order of equal times is that of the ids.
    aRunRow(3, { startedMs: START_MS + 60_000, Agent: 'sales', Model: null, InputTokens: null }),
    aRunRow(4, { startedMs: START_MS + 120_000, Outcome: 'fail', Score: 0 }),
  ])
})
afterAll(() => api.close())

interface Listing {
  readonly items: readonly { readonly traceId: string }[]
  readonly next: string | null
}
const list = async (query: string): Promise<Listing> =>
  (await api.ask(`/v1/runs${query}`)).body as Listing
const numbers = ({ items }: Listing): readonly number[] =>
  items.map(({ traceId }) => Number.parseInt(traceId, 16))

describe('the listing of runs', () => {
  test('has exactly the documented members, numbers as numbers and times in ISO 8601', async () => {
    const { items } = await list('?agent=sales')
    expect(items).toEqual([
      {
        traceId: '00000000000000000000000000000003',
        agent: 'sales',
        taskType: 'refund',
        outcome: 'pass',
        score: 1,
        startedAt: '2026-03-01T10:01:00.123Z',
        durationMs: 1500.5,
        modelCalls: 3,
        toolCalls: 2,
        inputTokens: null,
        outputTokens: 20,
        dialect: 'gen-ai',
        model: null,
      },
    ])
  })

  test('goes from the newest to the oldest', async () => {
    const listing = await list('')
    expect(numbers(listing)).toEqual([4, 3, 2, 1])
    expect(listing.next).toBeNull()
  })

  test.each([
    ['?failed=true', [4, 2]],
    ['?failed=false', [3, 1]],
    ['?outcome=fail&agent=support', [4, 2]],
    ['?taskType=refund', [4, 3, 1]],
    ['?since=2026-03-01T10:01:00.123Z', [4, 3, 2]],
    ['?since=2026-03-01T12:01:00.124%2B02:00', [4]],
    ['?since=2026-03-02', []],
    ['?agent=nobody', []],
  ])('filters by %s', async (query, expected) => {
    expect(numbers(await list(query))).toEqual(expected)
  })

  test('gives every run once page after page, whatever arrives in between', async () => {
    const first = await list('?limit=2')
    await api.context.store.insert('neosigma_runs', [aRunRow(9, { startedMs: START_MS + 900_000 })])
    const second = await list(`?limit=2&cursor=${first.next}`)
    expect([...numbers(first), ...numbers(second)]).toEqual([4, 3, 2, 1])
    expect(second.next).toBeNull()
  })

  test.each([
    '?limit=0',
    '?limit=x',
    '?cursor=garbage',
    `?cursor=${Buffer.from('[1]').toString('base64url')}`,
    '?outcome=maybe',
    '?since=yesterday',
    '?agnet=x',
  ])('refuses %s with what is wrong', async (query) => {
    const { status, body } = await api.ask(`/v1/runs${query}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: 'argument-invalid' } })
  })
})

describe('one run', () => {
  test('is answered whole', async () => {
    const id = '1'.padStart(32, '0')
    expect(await api.ask(`/v1/runs/${id}`)).toEqual({
      status: 200,
      body: { traceId: id, steps: [] },
    })
  })

  test('that is unknown is 404, and an id that is none is 400', async () => {
    expect((await api.ask(`/v1/runs/${'f'.repeat(32)}`)).status).toBe(404)
    expect((await api.ask('/v1/runs/xyz')).status).toBe(400)
  })
})
