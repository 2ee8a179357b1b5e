import type { TestPlan } from '../../schemas/cycle-event.ts'
import type { Policy } from '../../schemas/policy.ts'
import { planTest, type TestRefusal } from '../regression-tester/plan-test.ts'
import { targetTaskIds } from './assign-splits.ts'
import type { CycleState, EventOf } from './cycle-state.ts'
import { runsLeft, tasksOf } from './spend-plan.ts'

/** The paired test that the cycle can pay for. Runs of the baseline that an earlier round has made are not made again. */
export const planCycleTest = (cycle: CycleState, policy: Policy): TestPlan | TestRefusal => {
  const left = runsLeft(cycle)
  const baselineRuns =
    cycle.tests.length === 0 ? 0 : (cycle.plan?.taskIds.length ?? 0) * (cycle.plan?.replicates ?? 0)
  return planTest({
    tasks: tasksOf(cycle.tasks, 'regression'),
    targetTaskIds: targetTaskIds(cycle.tasks, cycle.cluster, cycle.seed),
    policy,
    seed: cycle.seed,
    // Where the baseline's arm is there, all that is left pays for the candidate's.
    remainingRuns: Math.min(left + baselineRuns, 2 * left),
  })
}

const SHOWN_TYPES = 5

/**
 * What the next search is told about the changes that were turned down: in words, by kinds of task and counts. The
 * tasks of the regression test stay sealed.
 */
export const constraintsOf = (cycle: CycleState): readonly string[] =>
  cycle.tests.filter(({ passed }) => !passed).map((test) => constraintOf(cycle, test))

const constraintOf = (cycle: CycleState, test: EventOf<'test-finished'>): string => {
  const hypothesis = cycle.candidates.find(({ digest }) => digest === test.digest)?.hypothesis ?? ''
  const worse = new Set(test.regressedTaskIds)
  const kinds = Map.groupBy(
    cycle.tasks.filter(({ id }) => worse.has(id)),
    ({ taskType }) => taskType,
  )
  const counts = [...kinds]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, SHOWN_TYPES)
    .map(([taskType, tasks]) => `${taskType} (${tasks.length})`)
  const costs = test.evidence
    .filter(
      ({ role, metric, verdict }) =>
        role === 'guardrail' &&
        metric !== 'success' &&
        verdict !== 'non-inferior' &&
        verdict !== 'superior',
    )
    .map(({ metric }) => metric)
  const what = [
    ...(counts.length > 0 ? [`tasks of these kinds got worse: ${counts.join(', ')}`] : []),
    ...(costs.length > 0 ? [`these metrics were not shown to hold: ${costs.join(', ')}`] : []),
  ]
  return `Under the change "${hypothesis}" ${what.join('; ') || 'the diagnosed failures were not shown to become fewer'}.`
}
