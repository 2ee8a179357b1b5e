import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  failureWindow,
  HOUR_MS,
  windowStartMs,
} from '../../../consumers/priority/failure-window.ts'
import { listClusters } from '../../../consumers/priority/list-clusters.ts'
import { priorityScore, rankKey, recencyOf } from '../../../consumers/priority/priority-score.ts'
import { rankClusters } from '../../../consumers/priority/rank-clusters.ts'

const NOW = Date.UTC(2026, 10, 1)
const failure = fc.record({
  score: fc.double({ min: 0, max: 0.99, noNaN: true }),
  atMs: fc.integer({ min: NOW - 48 * HOUR_MS, max: NOW }),
})
const failures = fc.array(failure, { minLength: 1, maxLength: 20 })
const countsOf = (list: readonly { readonly score: number; readonly atMs: number }[]) =>
  list.reduce(failureWindow.add, failureWindow.empty)

describe('priority', () => {
  test('is failures times severity times freshness', () => {
    expect(priorityScore({ failures: 8, meanScore: 0.25, recency: recencyOf(24, 24) })).toBeCloseTo(
      3,
      12,
    )
    expect(priorityScore({ failures: 0, meanScore: 0, recency: 1 })).toBe(0)
    expect(recencyOf(0, 24)).toBe(1)
  })

  test('orders clusters as the time-free key does, at whatever time it is asked', () => {
    fc.assert(
      fc.property(failures, failures, fc.integer({ min: 0, max: 200 }), (a, b, laterHours) => {
        const key = (list: typeof a): number => {
          const counts = countsOf(list)
          return rankKey({ ...failureWindow.result(counts, NOW), latestMs: counts.latestMs }, 24)
        }
        if (Math.abs(key(a) - key(b)) < 1e-9) return
        const [first] = rankClusters(
          [
            { id: 'a', counts: countsOf(a) },
            { id: 'b', counts: countsOf(b) },
          ],
          { asOfMs: NOW + laterHours * HOUR_MS, halfLifeHours: 24 },
        )
        expect(first?.id).toBe(key(a) > key(b) ? 'a' : 'b')
      }),
    )
  })

  test('rises with failures, and falls with their score and their age', () => {
    const base = { failures: 5, meanScore: 0.2, recency: 0.5 }
    expect(priorityScore({ ...base, failures: 6 })).toBeGreaterThan(priorityScore(base))
    expect(priorityScore({ ...base, meanScore: 0.3 })).toBeLessThan(priorityScore(base))
    expect(recencyOf(2, 24)).toBeLessThan(recencyOf(1, 24))
  })

  test('ranks are a permutation, and every priority is the product of what is shown', () => {
    fc.assert(
      fc.property(fc.array(failures, { maxLength: 8 }), (groups) => {
        const ranked = rankClusters(
          groups.map((group, place) => ({ id: `c${place}`, counts: countsOf(group) })),
          { asOfMs: NOW, halfLifeHours: 12 },
        )
        expect(ranked.map(({ rank }) => rank)).toEqual(groups.map((_, place) => place + 1))
        for (const [place, one] of ranked.entries()) {
          expect(one.priority).toBe(one.failures * (1 - one.meanScore) * one.recency)
          expect(one.priority).toBeLessThanOrEqual(
            ranked[place - 1]?.priority ?? Number.POSITIVE_INFINITY,
          )
        }
      }),
    )
  })

  test('still orders clusters whose priority has faded to nothing', () => {
    const counts = (atMs: number) => failureWindow.add(failureWindow.empty, { score: 0, atMs })
    const [first, second] = rankClusters(
      [
        { id: 'a', counts: counts(NOW - 9e9) },
        { id: 'b', counts: counts(NOW - 8e9) },
      ],
      { asOfMs: NOW + 1e13, halfLifeHours: 1 },
    )
    expect([first?.id, first?.priority, second?.priority]).toEqual(['b', 0, 0])
  })
})

describe('the window', () => {
  test('gives the same, to the last bit, in any order and any split into panes', () => {
    fc.assert(
      fc.property(failures, fc.nat(19), (list, cut) => {
        const whole = countsOf(list)
        const panes = [list.slice(cut), list.slice(0, cut)].map(countsOf)
        expect(panes.reduce(failureWindow.merge, failureWindow.empty)).toEqual(whole)
        expect(countsOf(list.toReversed())).toEqual(whole)
      }),
    )
  })

  test('knows the mean score to nine digits', () => {
    fc.assert(
      fc.property(failures, (list) => {
        const mean = list.reduce((sum, { score }) => sum + score, 0) / list.length
        expect(failureWindow.result(countsOf(list), NOW).meanScore).toBeCloseTo(mean, 9)
      }),
    )
  })

  test('begins with a whole hour and reaches back at least as long as it says', () => {
    const start = windowStartMs(NOW + 1234, 24)
    expect(start % HOUR_MS).toBe(0)
    expect(NOW + 1234 - start).toBeGreaterThanOrEqual(24 * HOUR_MS)
    expect(NOW + 1234 - start).toBeLessThan(25 * HOUR_MS)
  })

  test('of nothing has no failures and no NaN', () => {
    expect(failureWindow.result(failureWindow.empty, NOW)).toEqual({
      failures: 0,
      meanScore: 0,
      hoursSinceLatest: 0,
    })
  })
})

test('the listing reads what the store adds up', () => {
  const row = {
    id: 'c-1',
    agent: 'desk',
    taskType: null,
    failures: '4',
    scoreUnits: String(2 ** 32),
    latestMs: String(NOW - 24 * HOUR_MS),
    exampleTraceIds: ['t'],
    users: '1',
    sessions: '2',
    rootCauseType: 'not a type',
    summary: 's',
  }
  expect(listClusters([row], { asOfMs: NOW, halfLifeHours: 24 })).toEqual([
    {
      id: 'c-1',
      agent: 'desk',
      taskType: null,
      rank: 1,
      failures: 4,
      meanScore: 0.25,
      hoursSinceLatest: 24,
      recency: 0.5,
      priority: 1.5,
      rootCauseType: 'unknown',
      summary: 's',
      exampleTraceIds: ['t'],
    },
  ])
})
