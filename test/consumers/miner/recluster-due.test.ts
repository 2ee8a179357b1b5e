import { expect, test } from 'vitest'
import { hasDrifted, isReclusteringDue } from '../../../consumers/miner/recluster-due.ts'

const PACE = { reclusterMs: 5000, scheduleMs: 60_000 }
const STEADY = { changes: 5, strangers: 0, basis: 1000 }
const DRIFTED = { changes: 30, strangers: 25, basis: 1000 }
const agent = (overrides: object) => ({
  dirty: true,
  drift: STEADY,
  reclusteredAtMs: 0,
  reclusteringMs: 100,
  ...overrides,
})

test.each([
  ['nothing is new', { dirty: false, drift: DRIFTED }, 1e9, false],
  ['little is new and the schedule is not over', {}, 59_999, false],
  ['little is new and the schedule is over', {}, 60_000, true],
  ['it has drifted', { drift: DRIFTED }, 5000, true],
  ['it has drifted, too soon', { drift: DRIFTED }, 4999, false],
  [
    'it has drifted, but the last one took long',
    { drift: DRIFTED, reclusteringMs: 5000 },
    19_999,
    false,
  ],
  [
    'it has drifted, long after one that took long',
    { drift: DRIFTED, reclusteringMs: 5000 },
    20_000,
    true,
  ],
])('a window is clustered anew or not where %s', (_, overrides, nowMs, expected) => {
  expect(isReclusteringDue(agent(overrides), nowMs, PACE)).toBe(expected)
})

test('a window has drifted by strangers, by changes, and in any case where it has never been clustered', () => {
  expect(hasDrifted({ changes: 0, strangers: 20, basis: 1000 })).toBe(true)
  expect(hasDrifted({ changes: 100, strangers: 0, basis: 1000 })).toBe(true)
  expect(hasDrifted({ changes: 99, strangers: 19, basis: 1000 })).toBe(false)
  expect(hasDrifted({ changes: 1, strangers: 0, basis: 0 })).toBe(true)
  expect(hasDrifted({ changes: 0, strangers: 0, basis: 0 })).toBe(false)
})
