import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApi, type TestApi } from '../../support/open-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

test('health, readiness and Prometheus metrics are answered', async () => {
  expect(await api.ask('/healthz')).toMatchObject({ status: 200, body: { status: 'alive' } })
  await expect.poll(async () => (await api.ask('/readyz')).status).toBe(200)
  await api.ask('/v1/runs')
  const { status, body } = await api.ask('/metrics')
  expect(status).toBe(200)
  expect(body).toMatch(/^neosigma_api_requests_total\{.*route="\/v1\/runs".*\} \d+/m)
})

test('signals are accepted when they are durable, and refused with what is wrong', async () => {
  const signal = { traceId: 'a'.repeat(32), name: 'thumbs', type: 'explicit', value: 1 }
  const answer = await api.post('/v1/signals', { ...signal, source: 'shop' })
  expect(answer).toMatchObject({ status: 202, body: { accepted: 1 } })
  expect((await api.post('/v1/signals', { name: 'thumbs' })).status).toBe(400)
  expect((await api.post('/v1/signals', [])).status).toBe(400)
  const strange = { ...signal, type: 'rumour' }
  for (const body of [strange, [signal, strange]])
    expect(JSON.stringify((await api.post('/v1/signals', body)).body)).toContain('type')
})

test('how far each role has read is listed', async () => {
  const { status, body } = await api.ask('/v1/lag?role=writer')
  expect(status).toBe(200)
  expect(body).toMatchObject({ next: null })
  expect((await api.ask('/v1/lag?role=nobody')).status).toBe(400)
})

test('what is not there is 404, malformed JSON 400, another content type 415', async () => {
  expect(await api.ask('/v1/nothing')).toMatchObject({
    status: 404,
    body: { error: { code: 'not-found' } },
  })
  const send = (type: string, body: string) =>
    api.ask('/v1/signals', { method: 'POST', headers: { 'content-type': type }, body })
  expect((await send('application/json', '{')).status).toBe(400)
  expect((await send('application/xml', '<a/>')).status).toBe(415)
})
