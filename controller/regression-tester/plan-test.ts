import type { TestPlan } from '../../schemas/cycle-event.ts'
import type { Policy } from '../../schemas/policy.ts'
import { seededRandom } from '../../schemas/seeded-random.ts'
import type { Task } from '../../schemas/task.ts'
import { shuffled } from '../prompt-optimizer/shuffled.ts'
import { metricRules } from './metric-rules.ts'
import { unitsOf } from './pair-runs.ts'
import { fewestTargetTasks, fewestTasks } from './sample-size.ts'

const METHOD = 'paired-bounded-mean'

export interface TestRequest {
  /** Tasks that the search never saw: the regression split, and the anchor where there is one. */
  readonly tasks: readonly Task[]
  /** Those of them that stand for the target cluster; the others guard. */
  readonly targetTaskIds: ReadonlySet<string>
  readonly policy: Policy
  readonly seed: number
  /** Agent runs that the cycle may still spend, both arms together. */
  readonly remainingRuns: number
}

/** A test that could only be inconclusive is not begun. */
export interface TestRefusal {
  readonly refused: string
  /** Tasks that would be enough; null where the number of tasks is not what is missing. */
  readonly tasksNeeded: number | null
}

/**
 * The paired plan: every task in a random order drawn once from the seed, equal replicates in both arms, and what is
 * compared. Replicates shrink to what the budget pays; tasks never do.
 */
export const planTest = (request: TestRequest): TestPlan | TestRefusal => {
  const { tasks, targetTaskIds, policy, seed, remainingRuns } = request
  const { alpha, replicates } = policy.test
  const rules = metricRules(policy)
  const margin = rules[0]?.margin ?? policy.test.margin
  // Sorted first, so that the order depends on the seed and not on the order of the suite's file.
  const taskIds = shuffled([...new Set(tasks.map(({ id }) => id))].sort(), seededRandom(seed))
  const targets = taskIds.filter((id) => targetTaskIds.has(id))
  const guards = taskIds.filter((id) => !targetTaskIds.has(id))
  const unitOf = unitsOf(tasks)
  const unitsIn = (ids: readonly string[]): number => new Set(ids.map(unitOf)).size
  const affordable = Math.floor(remainingRuns / (2 * Math.max(taskIds.length, 1)))
  const refusal =
    tooFew('target', unitsIn(targets), fewestTargetTasks(alpha)) ??
    tooFew('guardrail', unitsIn(guards), fewestTasks(margin, alpha)) ??
    tooPoor(taskIds.length, remainingRuns, affordable)
  return (
    refusal ?? {
      taskIds,
      targetTaskIds: targets,
      guardrailTaskIds: guards,
      replicates: Math.min(replicates, affordable),
      seed,
      margin,
      alpha,
      method: METHOD,
      metrics: rules.map(({ metric }) => metric),
    }
  )
}

const tooFew = (role: string, n: number, needed: number): TestRefusal | null =>
  n >= needed
    ? null
    : {
        refused: `${n} independent ${role} tasks can prove nothing at this alpha and margin, however often they are run: ${needed} are needed`,
        tasksNeeded: needed,
      }

const tooPoor = (tasks: number, runs: number, affordable: number): TestRefusal | null =>
  affordable >= 1
    ? null
    : {
        refused: `one run of ${tasks} tasks in both arms costs ${2 * tasks} agent runs, ${runs} are left`,
        tasksNeeded: null,
      }
