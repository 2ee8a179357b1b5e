import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockDifferences } from '../../../controller/regression-tester/block-differences.ts'

const baseline = (score: number) => ({ arm: 'baseline', score }) as const
const candidate = (score: number) => ({ arm: 'candidate', score }) as const

test('a block ends when both arms have spoken and gives the difference of their means', () => {
  const scores = [baseline(1), baseline(0), candidate(1), candidate(0), candidate(0), baseline(1)]
  expect(blockDifferences(scores)).toEqual([0.5, -1])
})

test('an open block gives nothing', () => {
  expect(blockDifferences([baseline(1), baseline(1)])).toEqual([])
  expect(blockDifferences([])).toEqual([])
})

test('how many blocks there are depends on the arms alone', () => {
  const arm = fc.constantFrom('baseline' as const, 'candidate' as const)
  fc.assert(
    fc.property(
      fc.array(arm),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (arms, scores) => {
        const withScores = arms.map((name, i) => ({ arm: name, score: scores[i] ?? 0 }))
        const withoutScores = arms.map((name) => ({ arm: name, score: 1 }))
        const differences = blockDifferences(withScores)
        expect(differences).toHaveLength(blockDifferences(withoutScores).length)
        expect(differences.every((d) => d >= -1 && d <= 1)).toBe(true)
      },
    ),
  )
})
