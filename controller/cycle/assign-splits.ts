import type { RankedCluster } from '../../schemas/cluster.ts'
import { seededRandom } from '../../schemas/seeded-random.ts'
import type { Split, Task } from '../../schemas/task.ts'
import { shuffled } from '../prompt-optimizer/shuffled.ts'

type Target = Pick<RankedCluster, 'id' | 'taskType'>

const REGRESSION_SHARE = 0.4
const FIX_SHARE = 0.4
const GUARD_HOLDOUT_SHARE = 1 / 3

const groupOf = ({ id, group }: Task): string =>
  group === undefined ? `task ${id}` : `group ${group}`

/**
 * The tasks that stand for a cluster: those of its task type or made from it. Where that is none of the suite or all of
 * it, a random half of the groups: the halves are alike, so one can show the gain and the other that nothing is lost.
 */
export const targetTaskIds = (
  tasks: readonly Task[],
  cluster: Target,
  seed: number,
): ReadonlySet<string> => {
  const known = tasks.filter(({ split }) => split !== 'anchor')
  const own = known.filter(
    ({ taskType, trigger }) => taskType === cluster.taskType || trigger?.clusterId === cluster.id,
  )
  if (own.length > 0 && own.length < known.length) return new Set(own.map(({ id }) => id))
  const groups = [...new Set(known.map(groupOf))].sort()
  const half = new Set(
    shuffled(groups, seededRandom(`${seed}/target`)).slice(0, Math.ceil(groups.length / 2)),
  )
  return new Set(known.filter((task) => half.has(groupOf(task))).map(({ id }) => id))
}

/**
 * Every task with its split. What the suite declares stands; the rest is drawn by group, never by row, so that no session
 * and no near-duplicate is on both sides of a seal. Of the cluster's tasks two fifths, and at least `fewest` while half of
 * them suffices, go to the regression test, two fifths to `fix`, the rest to `holdout`; the other tasks guard.
 */
export const assignSplits = (
  tasks: readonly Task[],
  cluster: Target,
  { seed, fewest }: { readonly seed: number; readonly fewest: number },
): readonly Task[] => {
  const targets = targetTaskIds(tasks, cluster, seed)
  const groups = Map.groupBy(tasks, groupOf)
  const splits = new Map<string, Split>()
  for (const [group, members] of groups) {
    const declared = members.find(({ split }) => split !== undefined)?.split
    if (declared !== undefined) splits.set(group, declared)
  }
  const open = [...groups.keys()].filter((group) => !splits.has(group)).sort()
  const order = shuffled(open, seededRandom(`${seed}/splits`))
  const isTarget = (group: string): boolean =>
    groups.get(group)?.some(({ id }) => targets.has(id)) === true
  const size = (group: string): number => groups.get(group)?.length ?? 0
  const count = (split: Split, target: boolean): number =>
    [...splits].reduce(
      (sum, [group, of]) => sum + (of === split && isTarget(group) === target ? size(group) : 0),
      0,
    )
  const total = (target: boolean): number =>
    [...groups.keys()].reduce(
      (sum, group) => sum + (isTarget(group) === target ? size(group) : 0),
      0,
    )
  const n = total(true)
  const regression = Math.max(Math.ceil(REGRESSION_SHARE * n), Math.min(fewest, Math.floor(n / 2)))
  for (const group of order.filter(isTarget)) {
    if (count('regression', true) < regression) splits.set(group, 'regression')
    else splits.set(group, count('fix', true) < FIX_SHARE * n ? 'fix' : 'holdout')
  }
  // The search pays for every holdout task with every candidate: no more of them than of fix tasks.
  const holdout = Math.min(
    Math.floor(GUARD_HOLDOUT_SHARE * total(false)),
    Math.max(count('fix', true), 1),
  )
  for (const group of order.filter((one) => !isTarget(one)))
    splits.set(group, count('holdout', false) < holdout ? 'holdout' : 'regression')
  return tasks.map((task) => ({ ...task, split: task.split ?? splits.get(groupOf(task)) }))
}
