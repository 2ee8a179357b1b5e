import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planTest, type TestRequest } from '../../../controller/regression-tester/plan-test.ts'
import { policy } from '../../../schemas/policy.ts'
import { task } from '../../../schemas/task.ts'

const aRequest = (
  guards: number,
  targets: number,
  rest: Partial<TestRequest> = {},
): TestRequest => ({
  tasks: [
    ...Array.from({ length: guards }, (_, i) => task.parse({ id: `guard-${i}`, input: '' })),
    ...Array.from({ length: targets }, (_, i) => task.parse({ id: `target-${i}`, input: '' })),
  ],
  targetTaskIds: new Set(Array.from({ length: targets }, (_, i) => `target-${i}`)),
  policy: policy.parse({ test: { margin: 0.1 } }),
  seed: 1,
  remainingRuns: 1000,
  ...rest,
})

test('a plan holds every task once, in an order that follows from the seed alone', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const request = aRequest(30, 6, { seed })
      const plan = planTest(request)
      const turned = planTest({ ...request, tasks: request.tasks.toReversed() })
      expect(turned).toEqual(plan)
      if ('refused' in plan) throw new Error(plan.refused)
      expect([...plan.taskIds].sort()).toEqual(request.tasks.map(({ id }) => id).sort())
      expect([...plan.guardrailTaskIds, ...plan.targetTaskIds].sort()).toEqual(
        [...plan.taskIds].sort(),
      )
    }),
    { numRuns: 30 },
  )
})

test('other seeds give other orders', () => {
  const order = (seed: number) => {
    const plan = planTest(aRequest(30, 6, { seed }))
    return 'refused' in plan ? [] : plan.taskIds
  }
  expect(order(1)).not.toEqual(order(2))
})

test('success is tested before the guardrail metrics', () => {
  expect(planTest(aRequest(30, 6))).toMatchObject({
    metrics: ['success', 'outputTokens'],
    margin: 0.1,
    alpha: 0.05,
    replicates: 1,
  })
})

test('too few guardrail tasks are refused with the number that would do, whatever the replicates', () => {
  const patient = policy.parse({ test: { margin: 0.1, replicates: 20 } })
  const plan = planTest(aRequest(28, 6, { policy: patient, remainingRuns: 1e6 }))
  expect(plan).toMatchObject({
    tasksNeeded: 29,
    refused: expect.stringContaining('28 independent guardrail'),
  })
})

test('too few target tasks are refused', () => {
  expect(planTest(aRequest(29, 4))).toMatchObject({ tasksNeeded: 5 })
})

test('replicates shrink to what the budget pays, and a budget below one is refused', () => {
  const patient = policy.parse({ test: { margin: 0.1, replicates: 4 } })
  const replicates = (remainingRuns: number) =>
    planTest(aRequest(30, 5, { policy: patient, remainingRuns }))
  expect(replicates(280)).toMatchObject({ replicates: 4 })
  expect(replicates(279)).toMatchObject({ replicates: 3 })
  expect(replicates(69)).toMatchObject({
    tasksNeeded: null,
    refused: expect.stringContaining('70'),
  })
})

test('tasks of one group count as one', () => {
  const request = aRequest(30, 5)
  const tasks = request.tasks.map((one, i) => (i < 2 ? { ...one, group: 'session' } : one))
  expect(planTest({ ...request, tasks })).toHaveProperty('taskIds')
  const three = request.tasks.map((one, i) => (i < 3 ? { ...one, group: 'session' } : one))
  expect(planTest({ ...request, tasks: three })).toMatchObject({ tasksNeeded: 29 })
})
