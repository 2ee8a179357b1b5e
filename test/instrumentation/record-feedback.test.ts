import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { setApiUrl } from '../../instrumentation/api-url.ts'
import { recordFeedback } from '../../instrumentation/record-feedback.ts'
import { signal } from '../../schemas/signal.ts'

let statuses: number[]
let bodies: unknown[]
let server: ReturnType<typeof createServer>

beforeEach(async () => {
  statuses = []
  bodies = []
  server = createServer(async (request, response) => {
    bodies.push(JSON.parse(await text(request)))
    response.writeHead(statuses.shift() ?? 202).end('{}')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  setApiUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

test('sends a signal of the schema', async () => {
  const traceId = '0'.repeat(31).concat('1')
  expect(await recordFeedback({ traceId, name: 'user_feedback', value: 0 })).toBe(true)
  expect(signal.parse(bodies[0])).toMatchObject({ traceId, type: 'explicit', value: 0 })
})

test('names the session where there is no run', async () => {
  await recordFeedback({ conversationId: 'talk', name: 'solved', label: 'no', comment: 'too slow' })
  expect(signal.parse(bodies[0])).toMatchObject({ sessionId: 'talk', explanation: 'too slow' })
})

test('tries again under one id while the API is busy', async () => {
  statuses = [503, 429]
  expect(await recordFeedback({ conversationId: 'talk', name: 'solved', value: 1 })).toBe(true)
  expect(bodies).toHaveLength(3)
  expect(new Set(bodies.map((body) => signal.parse(body).id)).size).toBe(1)
})

test('answers false for what is refused, at once', async () => {
  statuses = [400]
  expect(await recordFeedback({ name: 'solved', value: 1 })).toBe(false)
  expect(bodies).toHaveLength(1)
})

test('answers false when nobody listens, and never rejects', async () => {
  setApiUrl('http://127.0.0.1:1')
  expect(await recordFeedback({ conversationId: 'talk', name: 'solved', value: 1 })).toBe(false)
  setApiUrl('no url')
  expect(await recordFeedback({ conversationId: 'talk', name: 'solved', value: 1 })).toBe(false)
})
