import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { errorOfCode, InvalidInputError, TransientError } from '../../schemas/errors.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

/** The API of a running NeoSigma. Errors of the API come back as errors of the table. */
export interface ApiClient {
  readonly url: string
  get<Answer>(path: string): Promise<Answer>
  text(path: string): Promise<string>
  post<Answer>(path: string, body: unknown): Promise<Answer>
  /** Every item of a listing, page after page, at most `limit`. */
  list<Item>(path: string, limit?: number): AsyncGenerator<Item>
  /** Rows of a read-only statement, one after another. */
  rows<Row>(sql: string): AsyncGenerator<Row>
  /** The lines of JSON that a request answers with, one after another. */
  lines<Line>(path: string, body: unknown): AsyncGenerator<Line>
}

export const apiClient = (url: string): ApiClient => {
  const get = async <Answer>(path: string): Promise<Answer> =>
    (await (await request(`${url}${path}`, {})).json()) as Answer
  return {
    url,
    get,
    text: async (path) => (await request(`${url}${path}`, {})).text(),
    post: async <Answer>(path: string, body: unknown): Promise<Answer> =>
      (await (await request(`${url}${path}`, jsonBody(body))).json()) as Answer,
    list: (path, limit) => listPages(get, path, limit ?? Number.POSITIVE_INFINITY),
    rows: (sql) => readLines(`${url}/v1/sql`, { query: sql }),
    lines: (path, body) => readLines(`${url}${path}`, body),
  }
}

async function* listPages<Item>(
  get: <Answer>(path: string) => Promise<Answer>,
  path: string,
  limit: number,
): AsyncGenerator<Item> {
  let left = limit
  let cursor: string | null = null
  do {
    const address = new URL(path, 'http://api')
    if (cursor !== null) address.searchParams.set('cursor', cursor)
    if (left < 1000) address.searchParams.set('limit', String(left))
    const page: Page<Item> = await get(`${address.pathname}${address.search}`)
    yield* page.items.slice(0, left)
    left -= page.items.length
    cursor = page.next
  } while (cursor !== null && left > 0)
}

async function* readLines<Line>(url: string, body: unknown): AsyncGenerator<Line> {
  const response = await request(url, {
    ...jsonBody(body),
    headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
  })
  if (response.body === null) return
  const lines = createInterface({ input: Readable.fromWeb(response.body) })
  for await (const line of lines) if (line !== '') yield JSON.parse(line) as Line
}

const jsonBody = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const request = async (url: string, init: RequestInit): Promise<Response> => {
  const response = await fetch(url, init).catch((cause: unknown) => {
    throw new TransientError('store-unavailable', `${url} does not answer.`, { cause })
  })
  if (response.ok) return response
  throw errorOf(response.status, await response.text())
}

const answered = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** The error of the table that the API answered; else one by the status. */
const errorOf = (status: number, text: string): Error => {
  const { code, message } = answered.safeParse(parsed(text)).data?.error ?? {
    code: '',
    message: text,
  }
  const known = errorOfCode(code, message)
  if (known !== null) return known
  return status >= 500
    ? new TransientError('store-unavailable', message)
    : new InvalidInputError('argument-invalid', message)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
