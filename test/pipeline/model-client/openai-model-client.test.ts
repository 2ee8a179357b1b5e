import { describe, expect, onTestFinished, test } from 'vitest'
import { loadWorld } from '../../../deploy/simulated-model/load-world.ts'
import { startSimulatedModel } from '../../../deploy/simulated-model/start-simulated-model.ts'
import { TransientError } from '../../../schemas/errors.ts'
import { completion, sendJson } from '../../support/model-endpoint.ts'
import { asJson, openModel, openModelOn, question } from '../../support/open-model.ts'

describe('a chat', () => {
  test('sends model, messages, schema and limits, and answers text, model and tokens', async () => {
    const { client, counts, server } = await openModelOn((response) =>
      sendJson(response, 200, completion(' {"ok":true} ')),
    )
    expect(await client.chat(asJson)).toEqual({
      text: '{"ok":true}',
      model: 'served-model',
      inputTokens: 11,
      outputTokens: 7,
    })
    const [request] = server.requests
    expect(request?.path).toBe('/v1/chat/completions')
    expect(request?.headers['authorization']).toBe('Bearer key-of-the-test')
    expect(request?.body).toEqual({
      model: 'gpt-4o-mini',
      messages: asJson.messages,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'verdict', schema: asJson.schema?.schema, strict: true },
      },
      temperature: 0,
      seed: 4,
      max_tokens: 50,
    })
    expect(Object.fromEntries(counts)).toEqual({
      'neosigma.model.calls diagnosis ok': 1,
      'neosigma.model.tokens diagnosis ok input': 11,
      'neosigma.model.tokens diagnosis ok output': 7,
    })
  })

  test("is marked as NeoSigma's own", async () => {
    const { client, server } = await openModelOn((response) =>
      sendJson(response, 200, completion('yes')),
    )
    await client.chat(question)
    expect(server.requests[0]?.headers).toMatchObject({
      baggage: 'neosigma.internal=1',
      'x-neosigma-internal': '1',
    })
  })

  test('estimates the tokens that an endpoint does not count', async () => {
    const { client } = await openModelOn((response) =>
      sendJson(response, 200, completion('twelve chars', { usage: undefined })),
    )
    expect(await client.chat(question)).toMatchObject({ inputTokens: 4, outputTokens: 3 })
  })

  test.each([
    ['in a fence', '```json\n{"ok":true}\n```'],
    ['after a sentence', 'Here it is:\n{"ok":true}\nI hope that helps.'],
    ['after thinking aloud', '<think>maybe {"ok":false}?</think>\n{"ok":true}'],
  ])('finds JSON %s', async (_where, content) => {
    const { client } = await openModelOn((response) => sendJson(response, 200, completion(content)))
    expect(JSON.parse((await client.chat(asJson)).text)).toEqual({ ok: true })
  })
})

describe('an endpoint that refuses the form', () => {
  test('of a schema is asked in words, from then on at once', async () => {
    const { client, pauses, server } = await openModelOn((response, _n, { body }) =>
      'response_format' in body
        ? sendJson(response, 400, { error: { message: 'json_schema is not supported' } })
        : sendJson(response, 200, completion('{"ok":true}')),
    )
    expect((await client.chat(asJson)).text).toBe('{"ok":true}')
    await client.chat(asJson)
    expect(server.requests).toHaveLength(3)
    expect(pauses).toEqual([])
    const messages = server.requests[2]?.body['messages'] as { role: string; content: string }[]
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(messages[0]?.content).toContain(JSON.stringify(asJson.schema?.schema))
  })

  test('of a named parameter is asked without it', async () => {
    const refuse = (param: string): object => ({ error: { message: 'unsupported', param } })
    const { client, server } = await openModelOn((response, _n, { body }) => {
      if ('temperature' in body) return sendJson(response, 400, refuse('temperature'))
      if ('max_tokens' in body) return sendJson(response, 400, refuse('max_tokens'))
      return sendJson(response, 200, completion('{"ok":true}'))
    })
    await client.chat(asJson)
    expect(server.requests[2]?.body).toMatchObject({ max_completion_tokens: 50, seed: 4 })
    expect(server.requests[2]?.body).toHaveProperty('response_format')
  })

  test('in every form is given up', async () => {
    const { client, server } = await openModelOn((response) =>
      sendJson(response, 400, { error: { message: 'context length exceeded' } }),
    )
    await expect(client.chat(asJson)).rejects.toMatchObject({
      code: 'model-answer-unusable',
      detail: expect.stringContaining('context length exceeded'),
    })
    expect(server.requests).toHaveLength(2)
    await expect(client.chat(asJson)).rejects.toThrow(TransientError)
    expect(server.requests.slice(2).map(({ body }) => 'response_format' in body)).toEqual([
      true,
      false,
    ])
  })
})

test('the simulated model answers chats with and without a schema, and embeddings', async () => {
  const simulated = await startSimulatedModel({
    world: loadWorld('deploy/demo/worlds/support-desk.json'),
    seed: 1,
  })
  onTestFinished(() => simulated.close())
  const { client } = await openModel({ baseUrl: simulated.baseUrl, embeddingModel: 'e' }, null)
  const { text } = await client.chat({
    ...asJson,
    schema: {
      name: 'verdict',
      schema: { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' } } },
    },
  })
  expect(JSON.parse(text)).toEqual({ ok: false })
  expect((await client.chat(question)).inputTokens).toBeGreaterThan(0)
  const [one, same, other] = await client.embed(['refund please', 'refund please', 'hello'])
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
})
