import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scoreRun } from '../../../consumers/signals/score-run.ts'
import type { RunScore } from '../../../schemas/agent-run.ts'
import { SIGNAL_TYPES } from '../../../schemas/signal.ts'

const aScore = (overrides: Partial<RunScore>): RunScore => ({
  name: 'm',
  source: 's',
  type: 'automated',
  value: 1,
  weight: 1,
  version: null,
  explanation: null,
  ...overrides,
})

const FACTS = { passThreshold: 0.5, rootFailed: false }

describe('the score of a run', () => {
  test('is the weighted mean of what decides', () => {
    const scores = [aScore({ value: 1, weight: 3 }), aScore({ value: 0, weight: 1 })]
    expect(scoreRun(scores, FACTS)).toMatchObject({ score: 0.75, outcome: 'pass' })
  })

  test.each(['explicit', 'downstream'] as const)('is decided by %s feedback alone', (type) => {
    const scores = [aScore({ type, value: 0 }), aScore({ value: 1, weight: 100 })]
    const scored = scoreRun(scores, { ...FACTS, rootFailed: true })
    expect(scored).toMatchObject({ score: 0, outcome: 'fail' })
    expect(scored.scores.map(({ weight }) => weight)).toEqual([1, 0])
  })

  test('is not decided by a judgement that could not be read', () => {
    const scores = [aScore({ type: 'explicit', value: null }), aScore({ value: 0.2 })]
    expect(scoreRun(scores, FACTS).score).toBe(0.2)
  })

  test.each([
    [false, 1, 'pass'],
    [true, 0, 'fail'],
  ] as const)(
    'without any is that of the root span (failed: %s), and says so',
    (rootFailed, score, outcome) => {
      const scored = scoreRun([aScore({ value: null })], { ...FACTS, rootFailed })
      expect(scored).toMatchObject({ score, outcome })
      expect(scored.scores.at(-1)).toMatchObject({
        name: 'root_status',
        source: 'root span',
        weight: 1,
      })
    },
  )

  test('at the threshold passes, below it fails', () => {
    const at = (value: number) => scoreRun([aScore({ value })], { ...FACTS, passThreshold: 0.7 })
    expect([at(0.7).outcome, at(0.69).outcome]).toEqual(['pass', 'fail'])
  })

  test('of one judgement with next to no weight is that judgement', () => {
    const score = aScore({ type: 'explicit', value: 0.3, weight: 5e-324 })
    expect(scoreRun([score], FACTS).score).toBe(0.3)
  })

  test('lies between the least and the greatest that decides, and keeps every score', () => {
    const anyScore = fc.record({
      type: fc.constantFrom(...SIGNAL_TYPES),
      value: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      weight: fc.double({ min: 0, max: 10, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(anyScore), fc.boolean(), (given, rootFailed) => {
        const scored = scoreRun(given.map(aScore), { ...FACTS, rootFailed })
        const decided = scored.scores.filter(({ weight }) => weight > 0)
        const values = decided.map(({ value }) => value ?? Number.NaN)
        expect(scored.score).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
        expect(scored.score).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
        expect(scored.scores.length).toBeGreaterThanOrEqual(given.length)
      }),
    )
  })
})
