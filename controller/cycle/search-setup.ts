import type { SearchSetup } from '../prompt-optimizer/search-state.ts'
import type { CycleState } from './cycle-state.ts'
import type { Facts } from './facts.ts'
import { spendPlan, tasksOf } from './spend-plan.ts'

/** The search of the present round. It follows from the history alone, so that a restart begins the same one again. */
export const searchSetup = (cycle: CycleState, { policy, rejected }: Facts): SearchSetup => {
  const fix = tasksOf(cycle.tasks, 'fix')
  const holdout = tasksOf(cycle.tasks, 'holdout')
  return {
    baseline: cycle.baseline,
    diagnosis: cycle.cluster.diagnosis,
    fixTaskIds: fix.map(({ id }) => id),
    holdoutTaskIds: holdout.map(({ id }) => id),
    criticalTaskIds: [...fix, ...holdout].filter((task) => task.critical).map(({ id }) => id),
    policy: { ...policy.search, maxAgentRuns: spendPlan(cycle, policy, cycle.round).search },
    constraints: cycle.constraints,
    excluded: [...rejected],
    seed: cycle.seed + cycle.round,
  }
}
