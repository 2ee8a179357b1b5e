import type { TestPlan } from '../../schemas/cycle-event.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import type { Task } from '../../schemas/task.ts'
import { metricOf } from './metric-rules.ts'

export type Arm = 'baseline' | 'candidate'

/** One run of the plan that has no score yet. */
export interface MissingRun {
  readonly arm: Arm
  readonly taskId: string
  readonly replicate: number
}

/** Task → its scored runs by replicate. */
export type RunsByTask = ReadonlyMap<string, ReadonlyMap<number, Evaluation>>

/** The scored runs that the plan asks for. `infra_error` is no score; of several scores of one replicate the first counts. */
export const runsOfPlan = (plan: TestPlan, evaluations: readonly Evaluation[]): RunsByTask => {
  const runs = new Map(plan.taskIds.map((id) => [id, new Map<number, Evaluation>()]))
  for (const run of evaluations) {
    const replicates = runs.get(run.taskId)
    const scored = run.status !== 'infra_error' && run.score !== null
    if (replicates !== undefined && scored && run.replicate < plan.replicates)
      if (!replicates.has(run.replicate)) replicates.set(run.replicate, run)
  }
  return runs
}

export const missingRuns = (plan: TestPlan, arm: Arm, runs: RunsByTask): readonly MissingRun[] =>
  plan.taskIds.flatMap((taskId) =>
    Array.from({ length: plan.replicates }, (_, replicate) => ({ arm, taskId, replicate })).filter(
      ({ replicate }) => runs.get(taskId)?.has(replicate) !== true,
    ),
  )

/** Means over the replicates of one task in both arms. */
export interface Pair {
  readonly taskId: string
  readonly baseline: number
  readonly candidate: number
}

/** The tasks with a value of every replicate in both arms. The others are counted by the caller, never imputed. */
export const pairsOf = (
  taskIds: readonly string[],
  metric: string,
  replicates: number,
  arms: Readonly<Record<Arm, RunsByTask>>,
): readonly Pair[] => {
  const meanOf = (runs: RunsByTask, taskId: string): number => {
    const values = [...(runs.get(taskId)?.values() ?? [])].map((run) => metricOf(run, metric))
    if (values.length < replicates || values.includes(undefined)) return Number.NaN
    return values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length
  }
  return taskIds
    .map((taskId) => ({
      taskId,
      baseline: meanOf(arms.baseline, taskId),
      candidate: meanOf(arms.candidate, taskId),
    }))
    .filter(({ baseline, candidate }) => Number.isFinite(baseline) && Number.isFinite(candidate))
}

/** Tasks of one group (a session, a user, near-duplicates) share their luck: their means are one observation. */
export const unitsOf = (tasks: readonly Task[]): ((taskId: string) => string) => {
  const groups = new Map(tasks.map(({ id, group }) => [id, group]))
  return (taskId) => {
    const group = groups.get(taskId)
    return group === undefined ? `task ${taskId}` : `group ${group}`
  }
}

/** One pair per unit, the mean of its tasks' pairs; it bears the name of the unit. */
export const meansOfUnits = (
  pairs: readonly Pair[],
  unitOf: (taskId: string) => string,
): readonly Pair[] => {
  const members = Map.groupBy(pairs, ({ taskId }) => unitOf(taskId))
  return [...members].map(([taskId, unit]) => ({
    taskId,
    baseline: unit.reduce((sum, { baseline }) => sum + baseline, 0) / unit.length,
    candidate: unit.reduce((sum, { candidate }) => sum + candidate, 0) / unit.length,
  }))
}
