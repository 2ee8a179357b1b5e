import { seededRandom } from '../../../schemas/seeded-random.ts'
import { shuffled } from '../../prompt-optimizer/shuffled.ts'
import type { MethodResult, ThreeVerdicts } from '../methods/method.ts'
import { TEST_METHODS, type TestMethodName } from '../methods/test-methods.ts'
import { fewestTasks, minimalDetectableEffect, tasksNeeded } from '../sample-size.ts'
import { seedTest } from '../seed-test.ts'
import { meanOf, varianceOf } from '../statistics/moments.ts'
import type { RewardTable } from './reward-table.ts'

export interface CompareOptions {
  readonly margin: number
  readonly alpha: number
  readonly method: TestMethodName
  /** Draws the order in which a sequential method sees the tasks. */
  readonly seed: number
}

/** The verdict on two tables of rewards, with what it rests on. */
export interface Comparison {
  readonly verdict: ThreeVerdicts
  readonly method: TestMethodName
  readonly margin: number
  readonly alpha: number
  /** Tasks that were compared; of a sequential method those that it looked at. */
  readonly n: number
  /** Mean of candidate − baseline over those tasks; null without any. */
  readonly effect: number | null
  readonly interval: readonly [number, number]
  readonly minimalDetectableEffect: number | null
  readonly nNeeded: number | null
  readonly reasons: readonly string[]
}

/**
 * Is the candidate no worse than the baseline by the margin or more? Tasks are matched by id and paired by the means of their runs. What
 * is missing on one side, is no number or lies outside [0, 1] makes the answer `inconclusive`, whatever the others say: leaving
 * tasks out is how a bad change looks good.
 */
export const compareRewards = (
  baseline: RewardTable,
  candidate: RewardTable,
  options: CompareOptions,
): Comparison => {
  const arms = { baseline: meansOf(baseline), candidate: meansOf(candidate) }
  const matched = [...arms.baseline].flatMap(([task, before]) => {
    const after = arms.candidate.get(task)
    return after === undefined ? [] : [{ task, before, after }]
  })
  const pairs = shuffled(
    matched.toSorted((a, b) => (a.task < b.task ? -1 : 1)),
    seededRandom(options.seed),
  )
  const problems = [
    ...problemsOf('baseline', baseline),
    ...problemsOf('candidate', candidate),
    ...unmatched(baseline, candidate),
  ]
  const { margin, alpha, method } = options
  const facts = { method, margin, alpha }
  if (pairs.length === 0)
    return {
      ...facts,
      verdict: 'inconclusive',
      n: 0,
      effect: null,
      interval: [-1, 1],
      minimalDetectableEffect: null,
      nNeeded: fewestTasks(margin, alpha),
      reasons: [...problems, 'no task has a score in both tables'],
    }
  const result = judge(pairs, options)
  const sizing = { ...sizingOf(pairs, alpha), parts: 1 }
  const floor = fewestTasks(margin, alpha)
  const needed = tasksNeeded(sizing, margin + Math.min(result.effect, 0), floor)
  const open = problems.length > 0 || result.verdict === 'inconclusive'
  return {
    ...facts,
    verdict: problems.length > 0 ? 'inconclusive' : result.verdict,
    n: result.n,
    effect: result.effect,
    interval: result.interval,
    minimalDetectableEffect: minimalDetectableEffect(sizing),
    nNeeded: open && needed !== null ? Math.max(needed, pairs.length + 1) : needed,
    reasons: [...problems, ...result.reasons, ...(problems.length > 0 ? [] : thin(result, floor))],
  }
}

interface Pair {
  readonly before: number
  readonly after: number
}

const judge = (pairs: readonly Pair[], options: CompareOptions): MethodResult => {
  const differences = pairs.map(({ before, after }) => after - before)
  if (options.method !== 'seed') return TEST_METHODS[options.method](differences, options)
  const { passes } = seedTest(
    pairs.map(({ before }) => before),
    pairs.map(({ after }) => after),
    options,
  )
  return {
    ...TEST_METHODS.fixed(differences, options),
    verdict: passes ? 'non-inferior' : 'inferior',
    reasons: [
      'this test passes what it has too little evidence against; it is here to compare with',
    ],
  }
}

const thin = ({ verdict, n, reasons }: MethodResult, floor: number): readonly string[] => {
  if (verdict !== 'inconclusive' || reasons.length > 0) return []
  return n < floor
    ? [`${n} tasks are fewer than the ${floor} below which nothing can be shown`]
    : ['the interval covers both sides of the margin']
}

const isScore = (value: number | null): value is number =>
  value !== null && value >= 0 && value <= 1

/** Tasks with at least one score. Those of the other values are left out here, and named by `problemsOf`. */
const meansOf = ({ tasks, rewards }: RewardTable): ReadonlyMap<string, number> =>
  new Map(
    tasks.flatMap((task, i): (readonly [string, number])[] => {
      const scores = (rewards[i] ?? []).filter(isScore)
      return scores.length === 0 ? [] : [[task, meanOf(scores)]]
    }),
  )

const problemsOf = (arm: string, { tasks, rewards }: RewardTable): readonly string[] => {
  const rows = tasks.map((task, i) => ({ task, runs: rewards[i] ?? [] }))
  const say = (what: string, bad: (runs: readonly (number | null)[]) => boolean): string[] => {
    const found = rows.filter(({ runs }) => bad(runs)).map(({ task }) => task)
    return found.length === 0 ? [] : [`${arm}: ${found.length} tasks ${what} (${someOf(found)})`]
  }
  return [
    ...say('have no runs', (runs) => runs.length === 0),
    ...say('have runs without a score', (runs) => runs.includes(null)),
    ...say('have scores outside [0, 1]', (runs) =>
      runs.some((score) => score !== null && !isScore(score)),
    ),
  ]
}

const unmatched = (baseline: RewardTable, candidate: RewardTable): readonly string[] => {
  const missing = (from: RewardTable, side: string, other: RewardTable): readonly string[] => {
    const known = new Set(other.tasks)
    const found = from.tasks.filter((task) => !known.has(task))
    return found.length === 0
      ? []
      : [`${found.length} tasks are in the ${side} alone (${someOf(found)})`]
  }
  return [...missing(baseline, 'baseline', candidate), ...missing(candidate, 'candidate', baseline)]
}

const SHOWN = 5

const someOf = (tasks: readonly string[]): string =>
  tasks.length <= SHOWN ? tasks.join(', ') : `${tasks.slice(0, SHOWN).join(', ')}, …`

const sizingOf = (pairs: readonly Pair[], alpha: number) => {
  const differences = pairs.map(({ before, after }) => after - before)
  const spread = varianceOf(differences)
  return { sd: spread > 0 ? Math.sqrt(spread) : 0, n: pairs.length, alpha }
}
