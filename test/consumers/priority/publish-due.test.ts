import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rankKey } from '../../../consumers/priority/priority-score.ts'
import { isAnotherKey, publishDueMs } from '../../../consumers/priority/publish-due.ts'

const PACING = { pauseMs: 200, delayMs: 500, ageMs: 60_000 }
const due = (lastMs: number | null, changedMs: number | null, isMaterial: boolean): number =>
  publishDueMs({ lastMs, changedMs, isMaterial }, PACING)

describe('when a ranking is published', () => {
  test.each([
    ['never, where there is nothing and was nothing', due(null, null, false), Infinity],
    ['at once, the first time', due(null, 1000, true), 1000],
    ['at once, where it is material', due(0, 1000, true), 1000],
    ['not sooner than a pause after the last time', due(950, 1000, true), 1150],
    ['after a delay, where it is not material', due(0, 1000, false), 1500],
    ['at its age, where nothing changes', due(1000, null, false), 61_000],
    ['at its age, whatever else is there', due(1000, 60_900, false), 61_000],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected)
  })

  test('a cluster is another one where its priority differs by more than a twentieth, at whatever time', () => {
    const figures = fc.record({
      failures: fc.integer({ min: 1, max: 10_000 }),
      meanScore: fc.double({ min: 0, max: 0.99, noNaN: true }),
      latestMs: fc.constant(1_700_000_000_000),
    })
    fc.assert(
      fc.property(figures, figures, (a, b) => {
        const ratio = (b.failures * (1 - b.meanScore)) / (a.failures * (1 - a.meanScore))
        fc.pre(Math.abs(Math.abs(Math.log(ratio)) - Math.log(1.05)) > 1e-9)
        expect(isAnotherKey(rankKey(a, 24), rankKey(b, 24))).toBe(ratio > 1.05 || ratio < 1 / 1.05)
      }),
    )
  })

  test('a cluster that comes, goes or begins to cost something is another one; one that costs nothing stays the same', () => {
    expect(isAnotherKey(undefined, 1)).toBe(true)
    expect(isAnotherKey(1, null)).toBe(true)
    expect(isAnotherKey(undefined, null)).toBe(false)
    expect(isAnotherKey(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(false)
    expect(isAnotherKey(Number.NEGATIVE_INFINITY, 1)).toBe(true)
  })
})
