import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignSplits, targetTaskIds } from '../../../controller/cycle/assign-splits.ts'
import { SPLITS, type Task, task } from '../../../schemas/task.ts'
import { shopTasks } from '../../support/a-shop.ts'

const cluster = { id: 'cluster-1', taskType: 'refund' }
const count = (tasks: readonly Task[], taskType: string, split: string): number =>
  tasks.filter((one) => one.taskType === taskType && one.split === split).length

const suites = fc
  .array(
    fc.record({
      taskType: fc.constantFrom('refund', 'delivery', 'question'),
      group: fc.option(
        fc.integer({ min: 0, max: 6 }).map((n) => `session-${n}`),
        {
          nil: undefined,
        },
      ),
      split: fc.option(fc.constantFrom(...SPLITS), { nil: undefined, freq: 3 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows) => rows.map((row, i) => task.parse({ ...row, id: `task-${i}`, input: '' })))

test('the cluster’s tasks are divided, the others guard', () => {
  const tasks = assignSplits(shopTasks({ refunds: 60 }), cluster, { seed: 3, fewest: 10 })
  expect(['fix', 'holdout', 'regression'].map((split) => count(tasks, 'refund', split))).toEqual([
    24, 12, 24,
  ])
  expect(count(tasks, 'delivery', 'regression')).toBe(30)
})

test('other tasks without a split guard the search in part and the test in the main', () => {
  const suite = shopTasks().map(({ split: _, ...rest }) => rest)
  const tasks = assignSplits(suite, cluster, { seed: 3, fewest: 10 })
  expect(['fix', 'holdout', 'regression'].map((split) => count(tasks, 'delivery', split))).toEqual([
    0, 10, 20,
  ])
})

test('small clusters keep half of their tasks for the proof', () => {
  const tasks = assignSplits(shopTasks({ refunds: 14 }), cluster, { seed: 1, fewest: 10 })
  expect(count(tasks, 'refund', 'regression')).toBe(7)
})

test('every task has a split, declared ones stand, groups are never divided, the seed decides', () => {
  fc.assert(
    fc.property(suites, fc.integer(), (suite, seed) => {
      const tasks = assignSplits(suite, cluster, { seed, fewest: 10 })
      expect(
        [...assignSplits([...suite].reverse(), cluster, { seed, fewest: 10 })].reverse(),
      ).toEqual(tasks)
      const drawn = new Map<string, Set<string>>()
      suite.forEach((before, i) => {
        const after = tasks[i]
        expect(after?.split).toBe(before.split ?? after?.split)
        expect(after?.split).toBeDefined()
        if (before.group !== undefined && before.split === undefined)
          drawn.set(before.group, (drawn.get(before.group) ?? new Set()).add(after?.split ?? ''))
      })
      for (const splits of drawn.values()) expect(splits.size).toBe(1)
    }),
  )
})

test('at least a third of the cluster’s tasks go to the regression test when none is declared', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.integer(), (refunds, seed) => {
      const tasks = assignSplits(shopTasks({ refunds }), cluster, { seed, fewest: 10 })
      expect(count(tasks, 'refund', 'regression')).toBeGreaterThanOrEqual(refunds / 3)
    }),
  )
})

test('a cluster without a task type, or of the only one, is stood for by a random half', () => {
  const suite = shopTasks({ refunds: 40, deliveries: 0 })
  for (const taskType of [null, 'refund', 'unheard']) {
    const targets = targetTaskIds(suite, { id: 'cluster-1', taskType }, 5)
    expect(targets.size).toBe(20)
    expect(targetTaskIds(suite, { id: 'cluster-1', taskType }, 6)).not.toEqual(targets)
  }
})

test('a task that was made from the cluster stands for it, whatever its type', () => {
  const suite = [
    ...shopTasks(),
    task.parse({ id: 'made', input: '', trigger: { clusterId: 'cluster-1' } }),
  ]
  expect(targetTaskIds(suite, { id: 'cluster-1', taskType: null }, 1)).toEqual(new Set(['made']))
})

test('a task that people set aside as an anchor stays there', () => {
  const suite = shopTasks().map((one, i) => (i < 5 ? { ...one, split: 'anchor' as const } : one))
  const tasks = assignSplits(suite, cluster, { seed: 1, fewest: 10 })
  expect(tasks.slice(0, 5).map(({ split }) => split)).toEqual(Array(5).fill('anchor'))
  expect(targetTaskIds(tasks, cluster, 1).has('refund-0')).toBe(false)
})
