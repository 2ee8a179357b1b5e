import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CycleState, initialState } from '../../../controller/cycle/cycle-state.ts'
import { evolve } from '../../../controller/cycle/evolve.ts'
import { runsLeft, spendPlan, tasksOf } from '../../../controller/cycle/spend-plan.ts'
import { policy } from '../../../schemas/policy.ts'
import { told } from '../../support/specify-cycle.ts'

/** 42 tasks in the regression test, 18 in the search. */
const cycleWith = (maxAgentRuns: number): CycleState => {
  const started = told.started()
  if (started.type !== 'cycle-started') throw new Error('not a beginning')
  return evolve(initialState({ ...started, maxAgentRuns }), told.prepared())
}
const retries = (maxRegressionRetries: number, replicates = 1) =>
  policy.parse({ test: { maxRegressionRetries, replicates } })

test('the test is paid for first, the rest is shared by the rounds that may come', () => {
  // 1000 − 84 for the test; 2 × 42 for the tests of later rounds; the rest by three.
  expect(spendPlan(cycleWith(1000), retries(2), 0)).toEqual({
    search: 277,
    leastSearch: 36,
    test: 84,
  })
  expect(spendPlan(cycleWith(1000), retries(0), 0).search).toBe(916)
})

test('where little is left this round takes it: later rounds may never come', () => {
  expect(spendPlan(cycleWith(140), retries(2), 0)).toMatchObject({ search: 54, test: 84 })
})

test('replicates of the test give way before the search does', () => {
  expect(spendPlan(cycleWith(200), retries(0, 2), 0)).toMatchObject({ test: 84, search: 116 })
  expect(spendPlan(cycleWith(500), retries(0, 2), 0)).toMatchObject({ test: 168, search: 332 })
})

test('a later round tests the candidate’s arm alone, and has the baseline’s search runs for nothing', () => {
  const first = { ...cycleWith(1000), spentRuns: 600, tests: [told.tested('wide', false)] }
  const plan = spendPlan(first as CycleState, retries(1), 1)
  expect(plan).toEqual({ search: 400 - 42 + 18, leastSearch: 36, test: 42 })
})

test('search and test together never take more than is left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 5 }), (runs, most) => {
      const cycle = cycleWith(runs)
      const { search, test: kept } = spendPlan(cycle, retries(most), 0)
      expect(search).toBeGreaterThanOrEqual(0)
      if (search > 0) expect(search + kept).toBeLessThanOrEqual(runsLeft(cycle))
      expect(tasksOf(cycle.tasks, 'regression').length).toBe(42)
    }),
  )
})
