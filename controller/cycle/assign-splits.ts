import type { RankedCluster } from '../../schemas/cluster.ts'
import { seededRandom } from '../../schemas/seeded-random.ts'
import { SPLITS, type Split, type Task } from '../../schemas/task.ts'
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
  const groups = groupsOf(tasks, targets)
  const order = shuffled(groups, seededRandom(`${seed}/splits`))
  const own = order.filter(({ target }) => target)
  const others = order.filter(({ target }) => !target)
  drawTargets(own, fewest)
  drawGuards(others, Math.max(1, countOf(own, 'fix')))
  const drawn = new Map(groups.map(({ name, split }) => [name, split]))
  return tasks.map((task) => ({ ...task, split: task.split ?? drawn.get(groupOf(task)) }))
}

interface Group {
  readonly name: string
  readonly size: number
  readonly target: boolean
  split: Split | undefined
}

/** A group is of the target when a task of it is. Where it declares a split, its other tasks follow it. */
const groupsOf = (tasks: readonly Task[], targets: ReadonlySet<string>): readonly Group[] =>
  [...Map.groupBy(tasks, groupOf)]
    .map(([name, members]) => ({
      name,
      size: members.length,
      target: members.some(({ id }) => targets.has(id)),
      split: SPLITS.find((split) => members.some((task) => task.split === split)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

const countOf = (groups: readonly Group[], split: Split): number =>
  groups.reduce((sum, group) => sum + (group.split === split ? group.size : 0), 0)

const sizeOf = (groups: readonly Group[]): number => groups.reduce((sum, { size }) => sum + size, 0)

const drawTargets = (groups: readonly Group[], fewest: number): void => {
  const n = sizeOf(groups)
  const regression = Math.max(REGRESSION_SHARE * n, Math.min(fewest, Math.floor(n / 2)))
  for (const group of groups.filter(({ split }) => split === undefined))
    if (countOf(groups, 'regression') < regression) group.split = 'regression'
    else group.split = countOf(groups, 'fix') < FIX_SHARE * n ? 'fix' : 'holdout'
}

/** The search pays for every holdout task with every candidate: no more of them than of fix tasks. */
const drawGuards = (groups: readonly Group[], mostHoldout: number): void => {
  const holdout = Math.min(Math.floor(GUARD_HOLDOUT_SHARE * sizeOf(groups)), mostHoldout)
  for (const group of groups.filter(({ split }) => split === undefined))
    group.split = countOf(groups, 'holdout') < holdout ? 'holdout' : 'regression'
}
