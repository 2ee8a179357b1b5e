import { expect, test } from 'vitest'
import { dropDetector } from '../../../controller/regression-tester/drop-detector.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'

const scores = [1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]

test.each([
  [0.85, 4, 3.872332],
  [0.85, 8, 20.881119],
  [0.85, 16, 148698.602329],
  [0.8, 4, 3.305213],
  [0.8, 12, 132.355365],
])('at floor %f after %i scores the level is the reference one', (floor, n, level) => {
  const detector = dropDetector(floor)
  const state = scores.slice(0, n).reduce(detector.add, detector.initial)
  expect(detector.result(state).level).toBeCloseTo(level, 5)
})

/** Scores until the level passes the threshold; the cap where it does not. */
const runLength = (floor: number, draw: () => number, threshold: number, cap: number): number => {
  const detector = dropDetector(floor)
  let state = detector.initial
  for (let n = 1; n <= cap; n += 1) {
    state = detector.add(state, draw())
    if (detector.result(state).level >= threshold) return n
  }
  return cap
}

test('held at the floor it alarms within N scores with probability at most N/T', () => {
  const random = seededRandom('floor')
  const trials = 600
  const threshold = 1000
  const within = 200
  let alarms = 0
  for (let trial = 0; trial < trials; trial += 1)
    if (runLength(0.8, () => Number(random() < 0.8), threshold, within + 1) <= within) alarms += 1
  const bound = within / threshold
  expect(alarms / trials).toBeLessThanOrEqual(bound + 3 * Math.sqrt((bound * (1 - bound)) / trials))
})

test('after a fall from .85 to .5 it needs some 25 scores', () => {
  const random = seededRandom('fall')
  const lengths = Array.from({ length: 300 }, () =>
    runLength(0.8, () => Number(random() < 0.5), 1000, 5000),
  )
  const mean = lengths.reduce((sum, n) => sum + n, 0) / lengths.length
  expect(mean).toBeGreaterThan(18)
  expect(mean).toBeLessThan(32)
})
