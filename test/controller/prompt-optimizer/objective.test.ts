import fc from 'fast-check'
import { expect, test } from 'vitest'
import { objective } from '../../../controller/prompt-optimizer/objective.ts'

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 })

test('what is lost on holdout is subtracted with its weight', () => {
  // mean fix .75; holdout fell from .9 to .65 = .25 lost; α 2: .75 − .5
  expect(
    objective({ fix: [1, 0.5], holdout: [0.8, 0.5], baselineHoldout: [1, 0.8], penalty: 2 }),
  ).toBeCloseTo(0.25, 12)
})

test('a gain on holdout is no merit', () => {
  expect(objective({ fix: [0.5], holdout: [1], baselineHoldout: [0.2], penalty: 1 })).toBe(0.5)
})

test('without holdout tasks nothing is subtracted', () => {
  expect(objective({ fix: [0.25, 0.75], holdout: [], baselineHoldout: [], penalty: 5 })).toBe(0.5)
})

test('the objective is at most the fix mean and falls as the penalty grows', () => {
  fc.assert(
    fc.property(scores, scores, scores, (fix, holdout, baselineHoldout) => {
      const at = (penalty: number): number => objective({ fix, holdout, baselineHoldout, penalty })
      const mean = fix.reduce((sum, score) => sum + score, 0) / fix.length
      expect(at(0)).toBeCloseTo(mean, 12)
      expect(at(1)).toBeLessThanOrEqual(at(0))
      expect(at(2)).toBeLessThanOrEqual(at(1))
    }),
  )
})
