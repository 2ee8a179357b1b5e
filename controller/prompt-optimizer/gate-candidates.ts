import { seededRandom } from '../../schemas/seeded-random.ts'
import { affordable, costOfCandidate, issueRuns, runsOver } from './budget.ts'
import { byObjective, replicatesOf, scoreOf } from './objective.ts'
import type { SearchState } from './search-state.ts'
import { shuffled } from './shuffled.ts'

/** Fix tasks of the minibatch, and holdout tasks that the parent passes, beside every critical task. */
const MINIBATCH = 6
const GUARDS = 2

/** Whom a candidate has to beat: its better parent. */
const rivalOf = (state: SearchState, digest: string): string => {
  const parents = (state.candidates[digest]?.parents ?? []).filter((parent) =>
    state.evaluated.includes(parent),
  )
  return byObjective(state, parents)[0] ?? state.setup.baseline.digest
}

const meanScore = (state: SearchState, digest: string, taskId: string): number => {
  const replicates = replicatesOf(state)
  const total = replicates.reduce(
    (sum, replicate) => sum + (scoreOf(state, digest, { taskId, replicate })?.score ?? 0),
    0,
  )
  return total / replicates.length
}

/**
 * The tasks of the gate: half of them what the rival fails, half any fix task, some guards, all critical tasks.
 * Siblings of one generation and rival meet on the same tasks.
 */
const gateTasks = (state: SearchState, rival: string): readonly string[] => {
  const random = seededRandom(`${state.setup.seed}/gate/${state.generation}/${rival}`)
  const { fixTaskIds, holdoutTaskIds, criticalTaskIds } = state.setup
  const perfect = (taskId: string): boolean => meanScore(state, rival, taskId) >= 1
  const failing = shuffled(
    fixTaskIds.filter((id) => !perfect(id)),
    random,
  ).slice(0, MINIBATCH / 2)
  const others = shuffled(
    fixTaskIds.filter((id) => !failing.includes(id)),
    random,
  ).slice(0, MINIBATCH - failing.length)
  const guards = shuffled(holdoutTaskIds.filter(perfect), random).slice(0, GUARDS)
  return [...new Set([...criticalTaskIds, ...failing, ...others, ...guards])]
}

/** Orders the minibatch of each new candidate, of as many as leave the budget for a full evaluation of the best. */
export const planGate = (state: SearchState): SearchState => {
  const bundles = state.contenders.map((digest) => ({
    digest,
    runs: runsOver(state, digest, gateTasks(state, rivalOf(state, digest))),
  }))
  const smallest = Math.min(...bundles.map(({ runs }) => runs.length))
  const planned = affordable(state, bundles, costOfCandidate(state) - smallest)
  return {
    ...issueRuns(
      state,
      planned.flatMap(({ runs }) => runs),
    ),
    stage: 'gate',
    contenders: planned.map(({ digest }) => digest),
  }
}

/** Gain over the rival on the gate's tasks, in sums of scores; null when a run has no score or a critical task failed. */
const gateGain = (state: SearchState, digest: string): number | null => {
  const rival = rivalOf(state, digest)
  let gain = 0
  for (const taskId of gateTasks(state, rival)) {
    for (const replicate of replicatesOf(state)) {
      const own = scoreOf(state, digest, { taskId, replicate })
      const other = scoreOf(state, rival, { taskId, replicate })
      if (own === undefined || other === undefined) return null
      if (!own.passed && state.setup.criticalTaskIds.includes(taskId)) return null
      gain += own.score - other.score
    }
  }
  return gain
}

/**
 * A candidate goes on when it scores more than its better parent on the same tasks and seeds. A tie is set aside, and
 * goes on after a generation without progress: a strict gate never leaves a plateau.
 */
export const judgeGate = (state: SearchState): SearchState => {
  const gains = state.contenders.map((digest) => ({ digest, gain: gateGain(state, digest) }))
  const better = gains
    .filter(({ gain }) => gain !== null && gain > 0)
    .sort((a, b) => (b.gain ?? 0) - (a.gain ?? 0))
  const tied = [
    ...state.tied,
    ...gains.filter(({ gain }) => gain === 0).map(({ digest }) => digest),
  ]
  const room = state.stagnant > 0 ? Math.max(0, state.setup.policy.population - better.length) : 0
  // The newest first: of a long plateau its far end.
  const revived = tied.slice(tied.length - Math.min(room, tied.length)).reverse()
  return planFull({ ...state, tied: tied.filter((digest) => !revived.includes(digest)) }, [
    ...better.map(({ digest }) => digest),
    ...revived,
  ])
}

const planFull = (state: SearchState, digests: readonly string[]): SearchState => {
  const taskIds = [...state.setup.fixTaskIds, ...state.setup.holdoutTaskIds]
  const planned = affordable(
    state,
    digests.map((digest) => ({ digest, runs: runsOver(state, digest, taskIds) })),
  )
  const runs = planned.flatMap((bundle) => bundle.runs)
  const contenders = planned.map(({ digest }) => digest)
  return { ...issueRuns(state, runs), stage: 'full', contenders }
}
