import type { Policy } from '../../schemas/policy.ts'
import type { Task } from '../../schemas/task.ts'
import type { CycleState } from './cycle-state.ts'

/** Baseline and two more candidates in full: less is hardly a search. */
const SMALLEST_SEARCH = 3

export interface SpendPlan {
  /** Agent runs that the next search may order; what the baseline has been run on already costs nothing again. */
  readonly search: number
  /** What the least search takes: the baseline and one candidate. */
  readonly leastSearch: number
  /** Agent runs kept back for the test of this round. */
  readonly test: number
}

export const tasksOf = (tasks: readonly Task[], ...splits: readonly Task['split'][]): Task[] =>
  tasks.filter(({ split }) => splits.includes(split))

/** Agent runs that the cycle may still make. */
export const runsLeft = (cycle: CycleState): number =>
  Math.max(0, cycle.maxAgentRuns - cycle.spentRuns)

/**
 * How a cycle's runs are shared out before a search begins. The test of what it finds is paid for first; the rest is
 * divided by the rounds that may still come, each with a test of its own, as long as this round can do something with it.
 */
export const spendPlan = (cycle: CycleState, { test }: Policy, round: number): SpendPlan => {
  const arm = tasksOf(cycle.tasks, 'regression').length
  const candidate = tasksOf(cycle.tasks, 'fix', 'holdout').length
  const baselineTested = cycle.tests.length > 0
  const left = runsLeft(cycle)
  const leastSearch = 2 * candidate
  const known = round > 0 ? candidate : 0
  const wanted = (baselineTested ? 1 : 2) * arm * test.replicates
  const least = (baselineTested ? 1 : 2) * arm
  // Replicates give way before the search does.
  const reserve = left - wanted + known >= leastSearch ? wanted : least
  const free = Math.max(0, left - reserve)
  const later = Math.max(0, test.maxRegressionRetries - round)
  const share = Math.floor((free - later * arm * test.replicates) / (later + 1))
  const search = Math.min(free, Math.max(share, SMALLEST_SEARCH * candidate))
  return { search: search + known, leastSearch, test: reserve }
}
