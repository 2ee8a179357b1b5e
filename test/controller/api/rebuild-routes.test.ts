import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApi, type TestApi } from '../../support/open-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

const linesOf = (body: unknown): readonly unknown[] =>
  String(body)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('every listing is rebuilt, a line each where there is little', async () => {
  const done = { records: 0, rows: 0, done: true }
  const { status, body } = await api.post('/v1/rebuild', {})
  expect(status).toBe(200)
  expect(linesOf(body)).toEqual(
    ['cycles', 'evaluations', 'decisions'].map((listing) => ({ listing, ...done })),
  )
})

test('only what is asked for, once, and nothing that is no listing', async () => {
  const { body } = await api.ask('/v1/rebuild', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ listings: ['decisions', 'decisions'] }),
  })
  expect(body).toMatchObject({ listing: 'decisions', done: true })
  for (const wrong of [{ listings: ['runs'] }, { listings: [] }, { tables: ['decisions'] }])
    expect(await api.post('/v1/rebuild', wrong)).toMatchObject({ status: 400 })
})
