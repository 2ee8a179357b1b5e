import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom, seedOf } from '../../schemas/seeded-random.ts'

const draw = (seed: string | number, count: number): readonly number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random())
}

describe('seeded randomness', () => {
  test('gives the same numbers as ever: recorded cycles are replayed with it', () => {
    expect(draw('neosigma', 4)).toMatchInlineSnapshot(`
      [
        0.07820184621959925,
        0.9928796354215592,
        0.41129693179391325,
        0.6419645678251982,
      ]
    `)
    expect(seedOf('refund-1/0')).toMatchInlineSnapshot(`1082666556`)
  })

  test('depends on the seed alone, as text', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(draw(seed, 3)).toEqual(draw(String(seed), 3))
      }),
    )
    expect(draw(1, 3)).not.toEqual(draw(2, 3))
  })

  test('is in [0, 1)', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        expect(draw(seed, 20).every((value) => value >= 0 && value < 1)).toBe(true)
      }),
    )
  })

  test('is uniform: 40 cells of 100,000 draws, chi-square below its .9999 quantile (39 degrees: 84.6)', () => {
    const cells = new Array<number>(40).fill(0)
    for (const value of draw('uniform', 100_000)) {
      const cell = Math.floor(value * 40)
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    const expected = 100_000 / 40
    const chiSquare = cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(chiSquare).toBeLessThan(84.6)
  })

  test('a seed of a text is a 32-bit number', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(seedOf(text)).toBe(seedOf(text) >>> 0)
      }),
    )
  })
})
