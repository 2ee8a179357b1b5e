import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  sequentialFailureTest,
  verifyTest,
} from '../../../controller/harness-optimizer/verify-test.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'

const runs = (failures: number, total: number): boolean[] =>
  Array.from({ length: total }, (_, index) => index < total - failures)

describe('the sequential test of "fails"', () => {
  // Wald's bounds worked out by hand: a failure adds ln 3.5, a pass ln .375; accept at ln 18, reject at ln(2/19).
  // Passes come first in these lists, so that nothing is decided before the last run.
  test.each([
    [3, 3, 'fails'],
    [4, 6, 'fails'],
    [2, 2, 'more-runs-needed'],
    [0, 3, 'passes'],
    [0, 2, 'more-runs-needed'],
  ] as const)('%i failures in %i runs: %s', (failures, total, verdict) => {
    expect(sequentialFailureTest(runs(failures, total))).toBe(verdict)
  })

  test('what is in between after twelve runs stays undecided', () => {
    const mixed = Array.from({ length: 12 }, (_, index) => index % 5 < 3 === (index % 2 === 0))
    const failures = mixed.filter((passed) => !passed).length
    expect([5, 6]).toContain(failures)
    expect(sequentialFailureTest(mixed)).toBe('undecided')
  })

  test('runs after the decision change nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 12 }),
        fc.array(fc.boolean()),
        (first, more) => {
          const verdict = sequentialFailureTest(first)
          if (verdict === 'fails' || verdict === 'passes') {
            expect(sequentialFailureTest([...first, ...more])).toBe(verdict)
          }
        },
      ),
    )
  })

  test('a test that seldom fails is taken for one that does in at most 5 % of cases, a good one is kept in 90 %', () => {
    const random = seededRandom('sequential failure test')
    const share = (rate: number): number => {
      const kept = Array.from({ length: 4000 }, () =>
        sequentialFailureTest(Array.from({ length: 12 }, () => random() >= rate)),
      ).filter((verdict) => verdict === 'fails')
      return kept.length / 4000
    }
    // Exact enumeration gives .026 and .90; three standard errors are .008 and .015.
    expect(Math.abs(share(0.2) - 0.026)).toBeLessThan(0.009)
    expect(Math.abs(share(0.7) - 0.9)).toBeLessThan(0.02)
  })
})

describe('a generated test', () => {
  const [fails, passes] = [runs(3, 3), runs(0, 3)]

  test('is verified when the failing agent fails it and the control passes it', () => {
    expect(verifyTest({ failing: fails, control: passes })).toEqual({ verdict: 'verified' })
  })

  test('is refused when it does not show the failure, before the control is run', () => {
    expect(verifyTest({ failing: passes, control: [] })).toEqual({
      verdict: 'refused',
      reason: 'does-not-reproduce',
    })
  })

  test('is refused when a good agent fails it too', () => {
    expect(verifyTest({ failing: fails, control: fails })).toEqual({
      verdict: 'refused',
      reason: 'control-fails',
    })
  })

  test('asks for the side that is not decided', () => {
    expect(verifyTest({ failing: [false], control: [] })).toEqual({
      verdict: 'run',
      side: 'failing',
    })
    expect(verifyTest({ failing: fails, control: [true] })).toEqual({
      verdict: 'run',
      side: 'control',
    })
  })

  test('needs two equal runs a side where the agent is deterministic', () => {
    expect(
      verifyTest({ failing: [false, false], control: [true, true], deterministic: true }),
    ).toEqual({ verdict: 'verified' })
    expect(verifyTest({ failing: [false, true], control: [], deterministic: true })).toEqual({
      verdict: 'run',
      side: 'failing',
    })
  })
})
