import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanBounds, meanPValue } from '../../../controller/regression-tester/bounded-mean.ts'
import { boundaryWorlds, shareDeclared } from '../../bench/gate-calibration.ts'

const SUPPORT = { low: -1, high: 1 }
const times = (n: number, value: number): number[] => Array(n).fill(value)

const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, x) => product * x, 1)
const atMost = (k: number, n: number, p: number): number =>
  Array.from({ length: k + 1 }, (_, i) => choose(n, i) * p ** i * (1 - p) ** (n - i)).reduce(
    (sum, x) => sum + x,
    0,
  )

describe('the p-value', () => {
  test.each([
    [59, 0, 0.05],
    [44, 1, 0.1],
    [100, 3, 0.05],
    [300, 9, 0.05],
  ])('of %i ties and losses only (%i) is the exact binomial one', (n, losses, margin) => {
    const differences = [...times(n - losses, 0), ...times(losses, -1)]
    expect(meanPValue(differences, SUPPORT, -margin)).toBeCloseTo(atMost(losses, n, margin), 9)
  })

  test.each([
    [5, 0, 0],
    [12, 2, 7],
    [30, 18, 0],
  ])('of %i wins and %i losses for "no gain" is the exact sign test', (wins, losses, ties) => {
    const differences = [...times(wins, 1), ...times(losses, -1), ...times(ties, 0)]
    const sign = atMost(losses, wins + losses, 0.5)
    expect(meanPValue(differences, SUPPORT, 0)).toBeCloseTo(sign, 9)
  })

  test('of nothing proves nothing', () => {
    expect(meanPValue([], SUPPORT, -0.05)).toBe(1)
  })
})

const differences = fc.array(
  fc.integer({ min: -8, max: 8 }).map((x) => x / 8),
  {
    minLength: 1,
    maxLength: 40,
  },
)

describe('the bounds', () => {
  test('of ties are what so many ties cannot exclude', () => {
    const [low, high] = meanBounds(times(59, 0), SUPPORT, 0.05)
    expect(low).toBeCloseTo(0.05 ** (1 / 59) - 1, 8)
    expect(high).toBeCloseTo(1 - 0.05 ** (1 / 59), 8)
  })

  test('of nothing are the support', () => {
    expect(meanBounds([], SUPPORT, 0.05)).toEqual([-1, 1])
  })

  test('hold the mean, stay in the support, ignore the order and mirror with the values', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const mean = values.reduce((sum, x) => sum + x, 0) / values.length
        const [low, high] = meanBounds(values, SUPPORT, 0.05)
        expect(low).toBeGreaterThanOrEqual(-1)
        expect(low).toBeLessThanOrEqual(mean + 1e-9)
        expect(high).toBeGreaterThanOrEqual(mean - 1e-9)
        expect(high).toBeLessThanOrEqual(1)
        expect(meanBounds(values.toReversed(), SUPPORT, 0.05)[0]).toBeCloseTo(low, 8)
        const mirrored = values.map((x) => -x)
        expect(meanBounds(mirrored, SUPPORT, 0.05)[0]).toBeCloseTo(-high, 8)
      }),
      { numRuns: 100 },
    )
  })

  test('and the p-value give one verdict', () => {
    fc.assert(
      fc.property(differences, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (values, null0) => {
        const [low] = meanBounds(values, SUPPORT, 0.05)
        fc.pre(Math.abs(low - null0) > 1e-6)
        expect(meanPValue(values, SUPPORT, null0) < 0.05).toBe(low > null0)
      }),
      { numRuns: 100 },
    )
  })
})

describe('simulated where the true loss is exactly the margin', () => {
  const trials = 1500
  const standardError = Math.sqrt((0.05 * 0.95) / trials)

  describe.each([
    [29, 0.1],
    [59, 0.05],
    [200, 0.05],
  ])('%i tasks, margin %f', (n, margin) => {
    test.each(boundaryWorlds(margin))('$name: no more than alpha is declared harmless', (world) => {
      const share = shareDeclared(world, { n, margin, alpha: 0.05, trials })
      expect(share).toBeLessThanOrEqual(0.05 + 3 * standardError)
    })
  })
})
