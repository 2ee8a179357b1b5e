import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wilsonInterval } from '../../../consumers/signals/wilson-interval.ts'

// binom.confint(x, n, method = "wilson") of R, and Newcombe 1998, table I.
test.each([
  [8, 10, 0.4901625, 0.9433178],
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('of %d in %d is the published one', (hits, n, low, high) => {
  const interval = wilsonInterval(hits, n)
  expect(interval.low).toBeCloseTo(low, 4)
  expect(interval.high).toBeCloseTo(high, 4)
})

test('holds the share, lies in [0, 1], and is all of it where nothing was counted', () => {
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, share) => {
        const hits = Math.round(n * share)
        const { low, high } = wilsonInterval(hits, n)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        expect(low).toBeLessThanOrEqual(hits / n)
        expect(high).toBeGreaterThanOrEqual(hits / n)
      },
    ),
  )
})
