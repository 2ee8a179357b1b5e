import { describe, expect, test } from 'vitest'
import { sendJson } from '../../support/model-endpoint.ts'
import { openModelOn } from '../../support/open-model.ts'

describe('embeddings', () => {
  const vectorsOf = (input: unknown): object => ({
    // Out of order on purpose: the index counts.
    data: (input as string[])
      .map((text, index) => ({ index, embedding: [text.length, 0.1, index] }))
      .reverse(),
    usage: { prompt_tokens: 3, total_tokens: 3 },
  })

  test('come in 32 bits, in order, in batches', async () => {
    const { client, counts, server } = await openModelOn((response, _n, { body }) =>
      sendJson(response, 200, vectorsOf(body['input'])),
    )
    const texts = Array.from({ length: 600 }, (_, i) => 'x'.repeat(i % 5))
    const vectors = await client.embed(texts)
    expect(server.requests.map(({ body }) => (body['input'] as string[]).length)).toEqual([
      256, 256, 88,
    ])
    expect(vectors).toHaveLength(600)
    // The empty text is sent as a space.
    expect(vectors[0]).toEqual(Float32Array.of(1, 0.1, 0))
    expect(vectors[258]).toEqual(Float32Array.of(3, 0.1, 2))
    expect(counts.get('neosigma.model.tokens embedding ok input')).toBe(9)
  })

  test.each<[string, unknown]>([
    ['too few', { data: [{ index: 0, embedding: [1] }] }],
    [
      'of two lengths',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 1, embedding: [1, 2] },
        ],
      },
    ],
    [
      'twice the same index',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [2] },
        ],
      },
    ],
    [
      'too large for 32 bits',
      {
        data: [
          { index: 0, embedding: [1e300] },
          { index: 1, embedding: [1] },
        ],
      },
    ],
    ['of text', { data: 'AAAA' }],
  ])('%s are unusable', async (_what, body) => {
    const { client } = await openModelOn((response) => sendJson(response, 200, body))
    await expect(client.embed(['a', 'b'])).rejects.toMatchObject({ code: 'model-answer-unusable' })
  })

  test('of no texts need no call', async () => {
    const { client, server } = await openModelOn(() => {})
    expect(await client.embed([])).toEqual([])
    expect(server.requests).toEqual([])
  })
})
