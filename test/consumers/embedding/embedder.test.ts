import { describe, expect, test } from 'vitest'
import type { WeightedFingerprint } from '../../../consumers/embedding/embedder.ts'
import { lexicalEmbedder } from '../../../consumers/embedding/lexical-embedder.ts'
import { openEmbedder } from '../../../consumers/embedding/open-embedder.ts'
import { openaiEmbedder, textOf } from '../../../consumers/embedding/openai-embedder.ts'
import { fingerprintOf } from '../../../consumers/fingerprint/fingerprint-of.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { TransientError } from '../../../schemas/errors.ts'
import { FAILURE_KINDS, failureRun } from '../../support/failure-run.ts'

const population: readonly WeightedFingerprint[] = Object.values(FAILURE_KINDS).map((make) => ({
  fingerprint: fingerprintOf(make(1)),
  weight: 5,
}))
const rowOf = (points: Float32Array, dimensions: number, row: number): number[] => [
  ...points.subarray(row * dimensions, (row + 1) * dimensions),
]

describe('the offline embedder', () => {
  test('gives the same point to a fingerprint of the population and to one that comes later', async () => {
    const space = await lexicalEmbedder.fit(population)
    const later = await space.embed(population.map(({ fingerprint }) => fingerprint))
    expect([...later]).toEqual([...space.points])
  })

  test('leaves what it has never met at zero, and nothing is NaN', async () => {
    const space = await lexicalEmbedder.fit(population)
    const strange = fingerprintOf(failureRun(1, [], { output: null, taskType: null }))
    const points = await space.embed([strange])
    expect(points.every(Number.isFinite)).toBe(true)
    const empty = await lexicalEmbedder.fit([])
    expect([...(await empty.embed([strange]))]).toEqual([0])
  })

  test('bounds the dimensions by hashing when there are many features', async () => {
    const many = Array.from({ length: 300 }, (_, number) => ({
      fingerprint: fingerprintOf(
        failureRun(1, [{ tool: `tool_${number}` }, { tool: `other_${number}` }]),
      ),
      weight: 2,
    }))
    const { dimensions, points } = await lexicalEmbedder.fit(many)
    expect(dimensions).toBe(512)
    const distinct = new Set(many.map((_, row) => rowOf(points, dimensions, row).join()))
    expect(distinct.size).toBe(300)
  })
})

describe('the embedder of an endpoint', () => {
  test('is taken when a model for it is configured, and asks for a fingerprint once', async () => {
    const asked: string[] = []
    const model = {
      chat: () => Promise.reject(new Error('not asked')),
      embed: async (texts: readonly string[]) => {
        asked.push(...texts)
        return texts.map((text) => Float32Array.from([text.length, 1]))
      },
    }
    const embedder = await openEmbedder(
      configuration.parse({ model: { embeddingModel: 'e' } }),
      model,
    )
    const { dimensions, embed } = await embedder.fit(population)
    await embed(population.map(({ fingerprint }) => fingerprint))
    expect(dimensions).toBe(2)
    expect(asked).toHaveLength(population.length)
    expect(await openEmbedder(configuration.parse({}), model)).toBe(lexicalEmbedder)
  })

  test('starts anew when the endpoint changes the length of its vectors, and an old space takes none of them', async () => {
    let length = 2
    const embedder = openaiEmbedder({
      embed: async (texts) => texts.map(() => new Float32Array(length).fill(1)),
    })
    const old = await embedder.fit(population)
    length = 3
    const stranger = fingerprintOf(failureRun(9, [{ tool: 'unheard_of' }]))
    await expect(old.embed([stranger])).rejects.toThrow(TransientError)
    const fresh = await embedder.fit(population)
    expect([fresh.dimensions, fresh.points.length]).toEqual([3, 3 * population.length])
    expect(fresh.points.every((value) => value === 1)).toBe(true)
  })

  test('refuses an answer whose vectors differ in length, as something that passes', async () => {
    const embedder = openaiEmbedder({
      embed: async (texts) => texts.map((_, place) => new Float32Array(2 + (place % 2)).fill(1)),
    })
    await embedder.fit(population.slice(0, 1))
    await expect(embedder.fit(population)).rejects.toThrow(TransientError)
  })

  test('is given masked text only', () => {
    const run = failureRun(7, [{ tool: 'book', output: 'Error: seat of jane@mail.example in A77' }])
    const text = textOf(fingerprintOf(run))
    expect(text).toContain('book')
    expect(text).not.toMatch(/jane|A77|1007/)
  })
})
