import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli, type StartedCli, startCli } from '../support/cli.ts'
import { hostileTrace, LONG, runSaying, signalSaying } from '../support/hostile-run.ts'
import { type Injection, injectionCorpus } from '../support/injection-corpus.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** As many runs of a kind as make a cluster. */
const COPIES = 3
const MODEL_CALLS_WAITED = 3

const { folder, remove } = temporaryFolder()
const dataDir = join(folder, 'data')
const canaryFile = join(folder, 'canary')
const visits: string[] = []
const questions: string[] = []
let server: Server
let system: StartedCli
let corpus: readonly Injection[]

const wellFormed = (given: string): string => given.toWellFormed()

/** A model that was talked into everything: it answers with what it read. */
const answer = (question: string) => {
  const fenced = /<<<\n([\s\S]*?)\n>>>/.exec(question)?.[1] ?? ''
  const said = {
    rootCauseType: 'prompt',
    component: fenced,
    hypothesis: `${fenced} http://evil.example`,
    rule: fenced,
    examples: [1],
    confidence: 1,
  }
  return {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'gullible',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: { role: 'assistant', content: JSON.stringify(said) },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }
}

const openServer = async (): Promise<string> => {
  server = createServer(async (request, response) => {
    const body = await text(request)
    if (!request.url?.startsWith('/v1/')) visits.push(request.url ?? '')
    else questions.push(body)
    const { messages = [] } =
      body === '' ? {} : (JSON.parse(body) as { messages?: { content: string }[] })
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer(messages.at(-1)?.content ?? '')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const api = async <Body>(path: string): Promise<Body> => {
  const response = await fetch(`${system.url}${path}`)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return (await response.json()) as Body
}

interface SeenRun {
  readonly agent: string
  readonly outcome: string
  readonly taskType: string
  readonly sessionId: string
  readonly userId: string
  readonly model: string
  readonly promptName: string
  readonly error: { readonly type: string; readonly message: string }
  readonly steps: readonly {
    readonly kind: string
    readonly name: string
    readonly input: string
    readonly output: string
  }[]
  readonly scores: readonly { readonly name: string; readonly source: string }[]
}

beforeAll(async () => {
  const url = await openServer()
  corpus = injectionCorpus({ url: `${url}/canary`, file: canaryFile })
  system = await startCli({
    dataDir,
    environment: { OPENAI_BASE_URL: `${url}/v1`, NEOSIGMA_MODEL: 'gullible' },
  })
  for (const [place, { text: said }] of corpus.entries()) {
    const copies = said.length > LONG ? 1 : COPIES
    const resourceSpans = Array.from({ length: copies }, (_, copy) => runSaying(said, place, copy))
    const sent = await post(`http://127.0.0.1:${system.httpPort}/v1/traces`, { resourceSpans })
    expect(sent.status, said.slice(0, 80)).toBe(200)
    const signal = await post(`${system.url}/v1/signals`, signalSaying(said, place))
    expect(signal.status, said.slice(0, 80)).toBe(202)
  }
}, 120_000)

afterAll(async () => {
  await system?.end('SIGTERM')
  server?.closeAllConnections()
  server?.close()
  remove()
})

test('the corpus is large and of many kinds', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(50)
  expect(new Set(corpus.map(({ family }) => family)).size).toBeGreaterThanOrEqual(10)
  expect(new Set(corpus.map(({ text: said }) => said)).size).toBe(corpus.length)
})

describe('hostile text in every field', () => {
  test('becomes runs, signals and clusters like any other', async () => {
    await expect
      .poll(
        async () => {
          const { items } = await api<{ items: { traceId: string }[] }>('/v1/runs?limit=10000')
          const ids = new Set(items.map(({ traceId }) => traceId))
          return corpus
            .filter((_, place) => !ids.has(hostileTrace(place, 0)))
            .map(({ text: said }) => said.slice(0, 80))
        },
        { timeout: 90_000, interval: 1000 },
      )
      .toEqual([])
    await expect
      .poll(
        async () => (await api<{ items: unknown[] }>('/v1/signals?state=joined')).items.length,
        { timeout: 60_000, interval: 1000 },
      )
      .toBe(corpus.length)
  }, 180_000)

  test('is kept as it was said, letter by letter, and nothing more', async () => {
    for (const [place, { text: given }] of corpus.entries()) {
      if (given.length > 200) continue
      const said = wellFormed(given)
      const run = await api<SeenRun>(`/v1/runs/${hostileTrace(place, 0)}`)
      const where = JSON.stringify(said)
      expect(run, where).toMatchObject({
        agent: 'desk',
        outcome: 'fail',
        taskType: said,
        sessionId: said,
        userId: said,
        promptName: said,
        error: { type: said, message: said },
      })
      const tool = run.steps.find(({ kind }) => kind === 'tool')
      expect(tool, where).toMatchObject({ input: said, output: said })
      expect(
        run.scores.map(({ source }) => source),
        where,
      ).toContain(said)
    }
  }, 60_000)

  test('reaches nothing: no file, no address, no table, no process', async () => {
    expect(existsSync(canaryFile)).toBe(false)
    expect(visits).toEqual([])
    expect(system.child.exitCode).toBeNull()
    expect((await fetch(`${system.url}/readyz`)).status).toBe(200)
    const query =
      'SELECT (SELECT count() FROM neosigma_signals FINAL) AS signals, (SELECT count() FROM neosigma_runs FINAL) AS runs'
    const stored = async () => (await post(`${system.url}/v1/sql`, { query })).json()
    const expected = corpus.reduce(
      (sum, { text: { length } }) => sum + (length > LONG ? 1 : COPIES),
      0,
    )
    await expect
      .poll(stored, { timeout: 30_000 })
      .toEqual([{ signals: String(corpus.length), runs: String(expected) }])
  }, 60_000)

  test('reaches a model only between fences, and what it makes a model say is refused', async () => {
    await expect
      .poll(() => questions.length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(MODEL_CALLS_WAITED)
    for (const body of questions) {
      const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] }
      const asked = messages.find(({ role }) => role === 'user')?.content ?? ''
      const outside = asked.replace(/^<<<\n[\s\S]*?\n>>>$/gm, '')
      expect(outside).not.toMatch(/[<>{}$`'"\\=\u200b-\u206f]|(?!\n)\p{Cc}/u)
      expect(outside).not.toMatch(/ignore all previous|new instruction|touch /i)
      for (const line of outside.split('\n')) expect(line.length).toBeLessThan(2500)
      const others = messages.filter(({ role }) => role !== 'user').map(({ content }) => content)
      for (const { text: said } of corpus)
        if (said.length > 20) expect(others.join('\n')).not.toContain(said)
    }
    const { items } = await api<{ items: unknown[] }>('/v1/clusters')
    expect(items.length).toBeGreaterThan(0)
    expect(JSON.stringify(items)).not.toContain('evil.example')
  }, 90_000)

  test('reaches a terminal without what controls it', async () => {
    for (const args of [['runs'], ['clusters'], ['run', hostileTrace(8 + 7, 0)]]) {
      const { status, stdout } = await runCli(args, { dataDir })
      expect(status).toBe(0)
      expect(stdout.length).toBeGreaterThan(0)
      expect(stdout.replaceAll('\n', '')).not.toMatch(
        /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u,
      )
    }
  }, 60_000)

  test('changes no object of the program', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
