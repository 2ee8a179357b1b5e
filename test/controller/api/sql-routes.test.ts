import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonArray } from '../../../controller/api/sql-routes.ts'
import { openApi, type TestApi } from '../../support/open-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

const sql = (query: string) => api.post('/v1/sql', { query })

test('rows come as an array of objects; 64-bit integers are strings, the rest JSON', async () => {
  const query = `SELECT toUInt64(18446744073709551615) AS big, toInt32(-1) AS small, 0.5 AS half, 'ü' AS text, NULL AS none`
  expect(await sql(query)).toEqual({
    status: 200,
    body: [{ big: '18446744073709551615', small: -1, half: 0.5, text: 'ü', none: null }],
  })
})

test('table names need no database', async () => {
  expect(await sql('SELECT count() AS n FROM otel_traces')).toEqual({
    status: 200,
    body: [{ n: '0' }],
  })
})

test('there is no limit on the rows, and no row is an empty array', async () => {
  const { body } = await sql('SELECT number FROM numbers(200000)')
  expect(body).toHaveLength(200_000)
  expect(await sql('SELECT 1 WHERE 0')).toEqual({ status: 200, body: [] })
})

test('a statement may be sent as text', async () => {
  const init = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'SELECT 1 AS a' }
  expect((await api.ask('/v1/sql', init)).body).toEqual([{ a: 1 }])
})

test.each([
  'DROP TABLE neosigma_runs',
  'SELECT 1; SELECT 2',
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  'INSERT INTO neosigma_runs (TraceId) VALUES (1)',
  'SELECT nothing FROM nowhere',
])('%s is refused', async (query) => {
  const { status, body } = await sql(query)
  expect(status).toBe(400)
  expect(body).toMatchObject({ error: { code: 'query-refused' } })
})

test('a row is whole wherever the store cut it, in the middle of a character too', async () => {
  const rows = [{ text: 'ü🦀漢' }, { text: '' }]
  const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  for (const size of [1, 2, 3, 7]) {
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    let text = ''
    for await (const part of jsonArray(pieces())) text += part
    expect(JSON.parse(text)).toEqual(rows)
  }
})

test('a refusal says what is wrong', async () => {
  expect((await sql('')).body).toMatchObject({
    error: { code: 'argument-invalid', message: expect.stringContaining('statement is empty') },
  })
  expect((await sql('SELECT 1 FORMAT JSON')).body).toMatchObject({
    error: { code: 'query-refused', message: expect.stringContaining('leave FORMAT out') },
  })
})

test('a body that is none of it is 400, and one that is too large 413', async () => {
  expect((await api.post('/v1/sql', {})).status).toBe(400)
  const long = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(9e6) }
  expect((await api.ask('/v1/sql', long)).status).toBe(413)
})
