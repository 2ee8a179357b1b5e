import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadWorld } from '../../../deploy/simulated-model/load-world.ts'
import {
  type SimulatedModel,
  startSimulatedModel,
} from '../../../deploy/simulated-model/start-simulated-model.ts'

const WORLD = 'deploy/demo/worlds/support-desk.json'
const world = loadWorld(WORLD)

describe('the simulated model, asked by the openai client', () => {
  let model: SimulatedModel
  let client: OpenAI

  beforeAll(async () => {
    model = await startSimulatedModel({ world, seed: 7 })
    client = new OpenAI({ baseURL: model.baseUrl, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(() => model.close())

  const ask = (system: string, user: string, seed = 1) =>
    client.chat.completions.create({
      model: 'simulated-model',
      seed,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
    })

  test('says in every answer that it is simulated', async () => {
    const response = await fetch(`${model.baseUrl}/models`)
    expect(response.headers.get('x-simulated-model')).toBe('true')
    await response.text()
  })

  test('calls the tools of the task one after another, then answers', async () => {
    const system = 'Use lookup_order first.'
    const user = 'Please refund order A12, it is too small.'
    const first = await ask(system, user)
    const call = first.choices[0]?.message.tool_calls?.[0]
    expect(call).toMatchObject({ type: 'function', function: { name: 'lookup_order' } })
    const later = await client.chat.completions.create({
      model: 'simulated-model',
      seed: 1,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
        { role: 'assistant', content: null, tool_calls: [call].flatMap((one) => one ?? []) },
        { role: 'tool', tool_call_id: call?.id ?? '', content: '{}' },
      ],
    })
    expect(later.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'refund_order', arguments: '{"order":"A12"}' },
    })
  })

  test('gives equal answers to equal questions, and others to other seeds', async () => {
    const user = 'I want my money back for B77 because I ordered it twice.'
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, seed) => {
        const [once, again] = await Promise.all([
          ask('Be brief.', user, seed),
          ask('Be brief.', user, seed),
        ])
        const name = (completion: typeof once) =>
          completion.choices[0]?.message.tool_calls?.[0]?.type === 'function'
            ? completion.choices[0].message.tool_calls[0].function.name
            : null
        expect(name(once)).toBe(name(again))
        return name(once)
      }),
    )
    expect(new Set(answers)).toEqual(new Set(['lookup_order', 'refund_order']))
  })

  test('draws the same luck for a task whatever the prompt says', async () => {
    const user = 'Send C5 to Mill Lane 3, 712 instead.'
    const failsAt = async (system: string) => {
      const seeds = Array.from({ length: 40 }, (_, seed) => seed)
      const calls = await Promise.all(seeds.map((seed) => ask(system, user, seed)))
      return seeds.filter((_, index) =>
        JSON.stringify(calls[index]?.choices[0]?.message.tool_calls).includes('postcode\\":\\"\\"'),
      )
    }
    const plain = await failsAt('Be brief.')
    expect(plain.length).toBeGreaterThan(0)
    expect(await failsAt('Be friendly and slow.')).toEqual(plain)
    expect(await failsAt('Always include the postcode.')).toEqual([])
  })

  test('streams the same text in chunks', async () => {
    const user = 'Where is my order A9?'
    const whole = await ask('Be brief.', user, 3)
    const stream = await client.chat.completions.create({
      model: 'simulated-model',
      seed: 3,
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: user },
      ],
    })
    let calls = ''
    for await (const chunk of stream)
      calls += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? ''
    const [call] = whole.choices[0]?.message.tool_calls ?? []
    expect(calls).toBe(call?.type === 'function' ? call.function.arguments : '')
  })

  test('answers a request for JSON so that it follows the schema, also where the world has nothing to say', async () => {
    const completion = await client.chat.completions.create({
      model: 'simulated-model',
      messages: [{ role: 'user', content: 'nothing that the world knows' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'unheard_of',
          schema: {
            type: 'object',
            required: ['kind', 'count', 'items'],
            properties: {
              kind: { type: 'string', enum: ['a', 'b'] },
              count: { type: 'integer', minimum: 2 },
              items: { type: 'array', items: { type: 'string' } },
            },
          },
        },
      },
    })
    expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toEqual({
      kind: 'b',
      count: 2,
      items: [],
    })
  })

  test('embeds texts as unit vectors, alike where the texts are alike', async () => {
    const { data } = await client.embeddings.create({
      model: 'simulated',
      input: ['refund order now', 'refund order please', 'opening hours of the shop'],
    })
    const [a, b, c] = data.map(({ embedding }) => embedding)
    const dot = (x: readonly number[] = [], y: readonly number[] = []) =>
      x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0)
    expect(dot(a, a)).toBeCloseTo(1, 5)
    expect(dot(a, b)).toBeGreaterThan(dot(a, c))
  })

  test('refuses what is no request with a reason', async () => {
    await expect(
      client.chat.completions.create({ model: 'simulated', messages: [] }),
    ).rejects.toMatchObject({ status: 400 })
  })

  test('changes when a drift is switched on, and says which drifts there are', async () => {
    const system = 'Use lookup_order first.'
    const lost = async (): Promise<number> => {
      const seeds = Array.from({ length: 20 }, (_, seed) => seed)
      const answers = await Promise.all(
        seeds.map((seed) => ask(system, 'Please refund order A12, it is too small.', seed)),
      )
      return answers.filter((answer) => JSON.stringify(answer).includes('A12??')).length
    }
    const base = new URL('/simulation/drifts/', model.baseUrl)
    expect(await lost()).toBe(0)
    const unknown = await fetch(new URL('no-such', base), { method: 'POST' })
    expect(unknown.status).toBe(404)
    expect(await unknown.text()).toContain('provider-update')
    const known = await fetch(new URL('provider-update', base), { method: 'POST' })
    expect(known.status).toBe(200)
    await known.text()
    expect(await lost()).toBeGreaterThan(10)
  })
})
