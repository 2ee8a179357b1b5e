import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../schemas/errors.ts'
import {
  type Behaviour,
  completion,
  sendJson,
  startModelEndpoint,
} from '../../support/model-endpoint.ts'
import { asJson, openModel, openModelOn, question, START_MS } from '../../support/open-model.ts'

describe('an endpoint that fails', () => {
  test('is tried again after growing pauses, a bounded number of times', async () => {
    const { client, pauses, counts } = await openModelOn(
      (response) => sendJson(response, 503, { error: { message: 'overloaded' } }),
      { maxRetries: 3 },
    )
    await expect(client.chat(question)).rejects.toMatchObject({
      code: 'model-unavailable',
      detail: expect.stringContaining('503 overloaded'),
    })
    expect(pauses).toEqual([500, 1000, 2000])
    expect(counts.get('neosigma.model.calls diagnosis model-unavailable')).toBe(4)
  })

  test('and recovers answers', async () => {
    const { client } = await openModelOn((response, n) =>
      n < 2 ? response.destroy() : sendJson(response, 200, completion('back')),
    )
    expect((await client.chat(question)).text).toBe('back')
  })

  test('by limiting the rate is asked again when it says', async () => {
    const retryAfters = [
      { 'retry-after': '7' },
      { 'retry-after-ms': '1250' },
      { 'retry-after': new Date(START_MS + 9000).toUTCString() },
    ]
    const { client, pauses } = await openModelOn((response, n) =>
      n < 3
        ? sendJson(response, 429, { error: { message: 'slow down' } }, retryAfters[n])
        : sendJson(response, 200, completion('now')),
    )
    await client.chat(question)
    expect(pauses).toEqual([7000, 1250, 9000])
  })

  test('by asking for a long pause is left, and the caller is told how long', async () => {
    const { client, pauses } = await openModelOn((response) =>
      sendJson(response, 429, { error: {} }, { 'retry-after': '3600' }),
    )
    await expect(client.chat(question)).rejects.toMatchObject({
      code: 'model-unavailable',
      retryAfterMs: 3_600_000,
    })
    expect(pauses).toEqual([])
  })

  test('for lack of money is not tried again', async () => {
    const { client, server } = await openModelOn((response) =>
      sendJson(response, 429, { error: { message: 'no quota', code: 'insufficient_quota' } }),
    )
    await expect(client.chat(question)).rejects.toMatchObject({ code: 'model-unavailable' })
    expect(server.requests).toHaveLength(1)
  })

  test('by an unknown path or model is not tried again', async () => {
    const { client, server } = await openModelOn((response) =>
      sendJson(response, 404, { error: { message: 'no such model' } }),
    )
    await expect(client.chat(question)).rejects.toMatchObject({
      code: 'model-unavailable',
      detail: expect.stringContaining('no such model'),
    })
    expect(server.requests).toHaveLength(1)
  })

  test.each([401, 403])(
    'with %i is an error of the configuration without the key in it',
    async (status) => {
      const { client, server } = await openModelOn((response) =>
        sendJson(response, status, { error: { message: 'wrong key key-of-the-test' } }),
      )
      const error = await client.chat(question).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ code: 'config-secret-missing' })
      expect(String(error)).not.toContain('key-of-the-test')
      expect(server.requests).toHaveLength(1)
    },
  )

  test('to be there at all says why', async () => {
    const server = await startModelEndpoint(() => {})
    await server.close()
    const { client } = await openModel({ baseUrl: server.baseUrl, maxRetries: 1 })
    await expect(client.chat(question)).rejects.toMatchObject({
      code: 'model-unavailable',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test.each([
    ['before the headers', () => {}],
    [
      'in the middle of the body',
      (response: Parameters<Behaviour>[0]) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('{"choices":')
      },
    ],
  ])('by hanging %s is cut off', async (_where, behave) => {
    const { client, counts } = await openModelOn(behave, { timeoutMs: 150, maxRetries: 1 })
    await expect(client.chat(question)).rejects.toMatchObject({
      code: 'model-unavailable',
      detail: expect.stringContaining('in time'),
    })
    expect(counts.get('neosigma.model.calls diagnosis model-unavailable')).toBe(2)
  })
})

describe('an endpoint that answers nonsense', () => {
  const html = (response: Parameters<Behaviour>[0]): void => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<h1>Welcome</h1>')
  }
  const broken = (response: Parameters<Behaviour>[0]): void => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"choices": [')
  }
  const answering =
    (body: unknown): Behaviour =>
    (response) =>
      sendJson(response, 200, body)

  test.each<[string, Behaviour]>([
    ['a web page', html],
    ['broken JSON', broken],
    ['an empty object', answering({})],
    ['null', answering(null)],
    ['no choices', answering(completion('x', { choices: [] }))],
    ['no text', answering(completion(null))],
    ['prose where JSON was asked', answering(completion('I would rather not say.'))],
    [
      'a refusal',
      answering(
        completion(null, {
          choices: [{ finish_reason: 'stop', message: { content: null, refusal: 'I cannot.' } }],
        }),
      ),
    ],
    [
      'a filtered text',
      answering(
        completion(null, {
          choices: [{ finish_reason: 'content_filter', message: { content: '{"ok":' } }],
        }),
      ),
    ],
  ])('(%s) is asked once more, then given up', async (_what, behave) => {
    const { client, pauses, server } = await openModelOn(behave)
    await expect(client.chat(asJson)).rejects.toMatchObject({ code: 'model-answer-unusable' })
    expect(server.requests).toHaveLength(2)
    expect(pauses).toEqual([500])
  })
})
