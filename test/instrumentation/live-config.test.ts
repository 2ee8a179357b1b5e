import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { assignSession } from '../../controller/release/assign-session.ts'
import { isCanarySession } from '../../instrumentation/assign-session.ts'
import { type LiveConfig, liveConfig } from '../../instrumentation/live-config.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const fallback = { digest: 'sha256:code', config: { from: 'code' } }
const stable = { digest: 'sha256:stable', config: { from: 'stable' } }
const canary = { digest: 'sha256:canary', config: { from: 'canary' }, weight: 0.5, salt: 'salt' }
const serve =
  (body: unknown, etag = '"1"'): Answer =>
  (_, response) =>
    void response.writeHead(200, { etag }).end(JSON.stringify(body))

let answer: Answer
let asked: string[]
let server: ReturnType<typeof createServer>
let url: string
const opened: LiveConfig[] = []

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['if-none-match'] ?? 'fresh'}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
  server.closeAllConnections()
  server.close()
})

const open = async (): Promise<LiveConfig> => {
  const live = await liveConfig({ agent: 'the desk', fallback, pollMs: 5, url })
  opened.push(live)
  return live
}

test('follows what the API says, and asks whether it has changed', async () => {
  answer = serve({ agent: 'the desk', stable, canary: null })
  const live = await open()
  expect(live.forSession('s')).toEqual(stable)
  answer = (_, response) => void response.writeHead(304).end()
  await vi.waitUntil(() => asked.length > 2)
  expect(live.forSession('s')).toEqual(stable)
  answer = serve({ agent: 'the desk', stable: { ...stable, digest: 'sha256:next' }, canary: null })
  await vi.waitUntil(() => live.forSession('s').digest === 'sha256:next')
  expect(asked[0]).toBe('/v1/agents/the%20desk/config fresh')
  expect(asked[2]).toBe('/v1/agents/the%20desk/config "1"')
})

test.each<[string, Answer]>([
  ['an error', (_, response) => void response.writeHead(503).end('{}')],
  ['no JSON', (_, response) => void response.writeHead(200).end('<html>')],
  ['something else', serve({ stable: 'v1' })],
  ['a canary without a weight', serve({ stable, canary: fallback })],
  ['a broken connection', (request) => void request.socket.destroy()],
])('keeps the last known good version when the answer is %s', async (_, wrong) => {
  answer = serve({ stable, canary: null })
  const live = await open()
  answer = wrong
  const before = asked.length
  await vi.waitUntil(() => asked.length > before + 2)
  expect(live.forSession('s')).toEqual(stable)
})

test('runs what the code brings while nobody answers', async () => {
  answer = (request) => void request.socket.destroy()
  expect((await open()).forSession('s')).toEqual(fallback)
})

test('asks no more once it is closed', async () => {
  answer = serve({ stable, canary: null })
  const live = await open()
  live.close()
  const before = asked.length
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(asked.length - before).toBeLessThanOrEqual(1)
})

test('a session gets the version that the controller would assign', async () => {
  answer = serve({ stable, canary })
  const live = await open()
  const sides = Array.from({ length: 200 }, (_, index) => `session-${index}`).map((session) => {
    const side = assignSession(session, canary)
    expect(live.forSession(session).digest).toBe(`sha256:${side}`)
    return side
  })
  expect(new Set(sides).size).toBe(2)
})

test('client and controller assign every session alike', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.record({ weight: fc.double({ min: 0, max: 1, noNaN: true }), salt: fc.string() }),
      (session, share) => {
        expect(isCanarySession(session, share)).toBe(assignSession(session, share) === 'canary')
      },
    ),
  )
})
