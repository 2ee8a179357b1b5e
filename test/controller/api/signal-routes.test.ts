import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRuns } from '../../../consumers/runs/main.ts'
import type { Role } from '../../../pipeline/service-runtime/role.ts'
import { decodeEvent } from '../../../schemas/cloud-event.ts'
import type { Signal } from '../../../schemas/signal.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { agent } from '../../support/a-run-trace.ts'
import { traceIdFor } from '../../support/a-trace.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

let api: TestApi
let runs: Role
beforeAll(async () => {
  api = await openApi({
    configuration: {
      runs: { quietMs: 50, pollMs: 20 },
      signals: { metrics: { zing: { range: [0, 100], direction: 'lower', type: 'implicit' } } },
    },
  })
  runs = await startRuns(api.context)
})
afterAll(async () => {
  await runs.stop()
  await api.close()
})

const aSignal = { traceId: traceIdFor('one'), name: 'thumbs', type: 'explicit', value: 1 }
const sent = async (): Promise<readonly Signal[]> => {
  const all: Signal[] = []
  for await (const record of api.context.log.readAll(TOPICS.signals.name))
    all.push(decodeEvent(TOPICS.signals, record))
  return all
}
const withKey = (key: string, body: unknown) =>
  api.ask('/v1/signals', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
interface Listed {
  readonly items: readonly Record<string, unknown>[]
  readonly next: string | null
}
const list = async (path: string): Promise<Listed> => (await api.ask(path)).body as Listed

describe('signals by HTTP', () => {
  test('sent twice with one key count once, alone and in a batch', async () => {
    const once = await withKey('k1', aSignal)
    const again = await withKey('k1', aSignal)
    expect(again.body).toEqual(once.body)
    const batch = [aSignal, { ...aSignal, name: 'stars', value: 5 }]
    const many = await withKey('k2', batch)
    expect((await withKey('k2', batch)).body).toEqual(many.body)
    expect(new Set((await sent()).map(({ id }) => id)).size).toBe(3)
    await expect
      .poll(async () => (await list('/v1/signals')).items.length, { timeout: 10_000 })
      .toBe(3)
  })

  test('say at once what decides nothing, or is read by a guess', async () => {
    const answer = await api.post('/v1/signals', [
      aSignal,
      { ...aSignal, name: 'stars', value: 80 },
      { ...aSignal, name: 'unheard of', value: 0.5 },
      { ...aSignal, name: 'zing', value: 60 },
      { ...aSignal, value: null, label: 'so-so' },
    ])
    const { warnings } = answer.body as { warnings: { index: number; reason: string }[] }
    expect(warnings.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'the value is outside [1, 5]: it is kept and decides nothing'],
      [2, 'the metric is not declared: read as [0, 1], higher is better'],
      [4, 'neither value nor label can be read: it is kept and decides nothing'],
    ])
  })

  test('that are no signals are refused with all that is wrong', async () => {
    const bad = [
      { ...aSignal, value: 'good' },
      { ...aSignal, traceId: 'nope' },
      { name: 'x', type: 'explicit', value: 1 },
      { ...aSignal, value: null },
      { ...aSignal, at: 'yesterday' },
    ]
    for (const body of bad) expect((await api.post('/v1/signals', body)).status).toBe(400)
    expect((await api.post('/v1/signals', [aSignal, ...bad])).status).toBe(400)
  })

  test('of times that no store can hold are stored all the same', async () => {
    const traceId = traceIdFor('times')
    for (const at of ['9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z'])
      await api.post('/v1/signals', { ...aSignal, traceId, at, id: at })
    await expect
      .poll(async () => (await list(`/v1/signals?traceId=${traceId}`)).items.length, {
        timeout: 10_000,
      })
      .toBe(2)
  })

  test('are listed with what became of them, page by page', async () => {
    const waiting = await list(`/v1/signals?state=waiting&traceId=${traceIdFor('one')}`)
    expect(waiting.items.length).toBeGreaterThan(3)
    expect(waiting.items.find(({ name, value }) => name === 'stars' && value === 80)).toMatchObject(
      {
        score: null,
        note: 'out-of-range',
        state: 'waiting',
      },
    )
    await api.context.store.insert('otel_traces', [agent({ trace: 'one' })])
    await expect
      .poll(async () => (await list('/v1/signals?state=joined')).items.length, { timeout: 10_000 })
      .toBe(waiting.items.length)
    const ids: unknown[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: Listed = await list(`/v1/signals?limit=2${next === '' ? '' : `&cursor=${next}`}`)
      ids.push(...page.items.map(({ id }) => id))
      next = page.next
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength((await list('/v1/signals')).items.length)
  })

  test('are listed by metric, declared or only seen, and by scorer', async () => {
    const { items } = await list('/v1/signals/metrics')
    const of = (name: string) => items.find((one) => one['name'] === name)
    expect(of('stars')).toMatchObject({ declared: 'built-in', range: [1, 5], greatest: 80 })
    expect(of('zing')).toMatchObject({ declared: 'configuration', direction: 'lower', signals: 1 })
    expect(of('unheard_of')).toMatchObject({ declared: null, signals: 1 })
    await expect
      .poll(async () => (await list('/v1/signals/scorers')).items.length, { timeout: 10_000 })
      .toBeGreaterThan(0)
    const [scorer] = (await list('/v1/signals/scorers')).items
    expect(scorer?.['reliability']).toMatchObject({ weight: expect.any(Number) })
  })
})
