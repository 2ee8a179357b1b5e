import { expect, test } from 'vitest'
import { seedTest } from '../../../controller/regression-tester/seed-test.ts'

const baseline = [
  0.9, 0.8, 1, 0.7, 0.6, 1, 0.9, 0.5, 0.8, 1, 0.4, 0.9, 1, 0.7, 0.8, 0.6, 1, 0.9, 0.3, 0.8,
]
const candidate = [
  0.9, 0.7, 1, 0.8, 0.6, 0.9, 0.9, 0.6, 0.8, 1, 0.3, 0.9, 1, 0.7, 0.7, 0.6, 1, 0.8, 0.4, 0.8,
]

test('its statistic is the reference one', () => {
  expect(seedTest(baseline, candidate, { margin: 0.05, alpha: 0.05 }).z).toBeCloseTo(0.6215119, 7)
})

test('it passes a drop of a fifth on thin evidence, which is why the gate does not use it', () => {
  const before = [1, 1, 1, 1, 0, 1, 1, 1, 1, 1]
  const after = [1, 0, 1, 1, 0, 1, 1, 0, 1, 1]
  expect(seedTest(before, after, { margin: 0.05, alpha: 0.05 }).passes).toBe(true)
})
