import { expect, test } from 'vitest'
import {
  fewestTargetTasks,
  fewestTasks,
  minimalDetectableEffect,
  tasksNeeded,
} from '../../../controller/regression-tester/sample-size.ts'

test.each([
  [0.02, 149],
  [0.05, 59],
  [0.1, 29],
  [0.15, 19],
  [0.2, 14],
])('a margin of %f takes at least %i tasks', (margin, tasks) => {
  expect(fewestTasks(margin, 0.05)).toBe(tasks)
})

test('five won tasks are the fewest that show a gain at alpha .05', () => {
  expect(fewestTargetTasks(0.05)).toBe(5)
  expect(fewestTargetTasks(0.5)).toBe(1)
})

test.each([
  [0.2, 0.02, 619],
  [0.3, 0.05, 223],
  [0.4, 0.1, 99],
  [0.5, 0.05, 619],
])('a spread of %f and a margin of %f take %i tasks', (sd, margin, tasks) => {
  const facts = { sd, n: 1, alpha: 0.05, parts: 1 }
  expect(tasksNeeded(facts, margin, 1)).toBe(tasks)
})

test('more guardrails take more tasks, and no number of tasks proves what is not there', () => {
  const facts = { sd: 0.3, n: 59, alpha: 0.05, parts: 4 }
  expect(tasksNeeded(facts, 0.05, 59)).toBeGreaterThan(223)
  expect(tasksNeeded(facts, 0, 59)).toBeNull()
})

test('the detectable effect is that of the spread, and at least what ties cannot exclude', () => {
  const facts = { n: 50, alpha: 0.05, parts: 1 }
  expect(minimalDetectableEffect({ ...facts, sd: 0.54 })).toBeCloseTo(0.19, 2)
  expect(minimalDetectableEffect({ ...facts, sd: 0 })).toBeCloseTo(1 - 0.05 ** (1 / 50), 12)
  expect(minimalDetectableEffect({ ...facts, sd: 0, n: 1 })).toBeNull()
})
