import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { openBatch } from '../../instrumentation/batch.ts'

test('hands over everything once and in order, however it is flushed', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.constant('flush' as const))), (steps) => {
      const got: number[] = []
      const sizes: number[] = []
      const batch = openBatch<number>({
        everyMs: 1e6,
        maxItems: 3,
        handOver: (items) => {
          got.push(...items)
          sizes.push(items.length)
        },
      })
      for (const step of steps) {
        if (step === 'flush') batch.flush()
        else batch.add(step)
      }
      batch.flush()
      expect(got).toEqual(steps.filter((step) => step !== 'flush'))
      expect(sizes.every((size) => size > 0 && size <= 3)).toBe(true)
    }),
  )
})

test('hands over by itself after a time', async () => {
  const got: string[] = []
  openBatch<string>({ everyMs: 1, maxItems: 9, handOver: (items) => got.push(...items) }).add('a')
  await vi.waitUntil(() => got.length > 0)
  expect(got).toEqual(['a'])
})

test('what cannot be handed over is lost without a word to the host', () => {
  const batch = openBatch({
    everyMs: 1,
    maxItems: 1,
    handOver: () => {
      throw new Error('cannot')
    },
  })
  expect(() => batch.add('a')).not.toThrow()
})
