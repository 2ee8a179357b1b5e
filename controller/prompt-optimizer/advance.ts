import {
  costOfCandidate,
  issueRuns,
  remainingProposals,
  remainingRuns,
  tryAgain,
} from './budget.ts'
import { SMALLEST_GAIN, stopSearch } from './finish.ts'
import { judgeGate, planGate } from './gate-candidates.ts'
import { objectiveOf, replicatesOf, scoreKey, scoreOf } from './objective.ts'
import { planGeneration } from './plan-generation.ts'
import type { RunOrder, Score, SearchStage, SearchState } from './search-state.ts'
import { nextPopulation } from './select-parents.ts'
import { takeProposals } from './take-proposals.ts'

/** Attempts per run before an unreachable agent counts as "no score". */
const MAX_ATTEMPTS = 3
/** Generations without a better best before the search gives up: one, one that lets ties pass, one that builds on them. */
const PATIENCE = 3

/** Goes on until something is outstanding again or the search has ended. Every round changes the stage. */
export const advance = (state: SearchState): SearchState => {
  let current = state
  while (current.stopped === null && isComplete(current)) {
    const scored = takeScores(current)
    current = scored.runs.length > 0 ? scored : STEPS[current.stage](scored)
  }
  return current
}

const isComplete = (state: SearchState): boolean =>
  [...state.orders, ...state.runs].every(({ id }) => state.answers[id] !== undefined)

/** Moves the wave's scores into the table; runs without a score are ordered again while attempts and budget last. */
const takeScores = (state: SearchState): SearchState => {
  if (state.runs.length === 0) return state
  const scores: Record<string, Readonly<Record<string, Score>>> = { ...state.scores }
  const unscored: RunOrder[] = []
  for (const run of state.runs) {
    const answer = state.answers[run.id]
    if (answer?.type !== 'evaluated' || answer.score === null) unscored.push(run)
    else {
      const score = { score: answer.score, passed: answer.passed === true }
      scores[run.digest] = { ...scores[run.digest], [scoreKey(run.taskId, run.replicate)]: score }
    }
  }
  const again = unscored
    .filter((run) => run.attempt < MAX_ATTEMPTS)
    .slice(0, remainingRuns(state))
    .map((run) => tryAgain(state, run))
  return issueRuns({ ...state, scores }, again)
}

const hasAllScores = (state: SearchState, digest: string, taskId: string): boolean =>
  replicatesOf(state).every((replicate) => scoreOf(state, digest, { taskId, replicate }))

/** A task that even the baseline cannot be run on compares nothing and leaves the plan; a critical one ends the search. */
const afterBaseline = (state: SearchState): SearchState => {
  const { digest } = state.setup.baseline
  const runnable = (taskId: string): boolean => hasAllScores(state, digest, taskId)
  const setup = {
    ...state.setup,
    fixTaskIds: state.setup.fixTaskIds.filter(runnable),
    holdoutTaskIds: state.setup.holdoutTaskIds.filter(runnable),
  }
  const next = { ...state, setup, evaluated: [digest], population: [digest] }
  if (setup.fixTaskIds.length === 0 || !setup.criticalTaskIds.every(runnable)) {
    return stopSearch(next, 'baseline-not-runnable')
  }
  return objectiveOf(next, digest) >= 1 ? stopSearch(next, 'no-headroom') : newGeneration(next)
}

const newGeneration = (state: SearchState): SearchState => {
  if (state.generation >= state.setup.policy.generations) return stopSearch(state, 'generations')
  if (state.stagnant >= PATIENCE) return stopSearch(state, 'stagnation')
  if (remainingRuns(state) < costOfCandidate(state)) return stopSearch(state, 'budget')
  if (remainingProposals(state) < 1) return stopSearch(state, 'proposals')
  return planGeneration({ ...state, generation: state.generation + 1 })
}

/** Only candidates with every score are ranked; then the generation's parents are replaced. */
const afterFull = (state: SearchState): SearchState => {
  const taskIds = [...state.setup.fixTaskIds, ...state.setup.holdoutTaskIds]
  const ranked = state.contenders.filter(
    (digest) =>
      taskIds.every((taskId) => hasAllScores(state, digest, taskId)) &&
      !failsCritical(state, digest),
  )
  const evaluated = { ...state, evaluated: [...state.evaluated, ...ranked], contenders: [] }
  const population = nextPopulation(evaluated, ranked)
  const best = (digests: readonly string[]): number =>
    Math.max(...digests.map((digest) => objectiveOf(evaluated, digest)))
  const improved = best(evaluated.evaluated) > best(state.evaluated) + SMALLEST_GAIN
  const next = { ...evaluated, population, stagnant: improved ? 0 : state.stagnant + 1 }
  return best(next.evaluated) >= 1 ? stopSearch(next, 'full-marks') : newGeneration(next)
}

const failsCritical = (state: SearchState, digest: string): boolean =>
  state.setup.criticalTaskIds.some((taskId) =>
    replicatesOf(state).some((replicate) => !scoreOf(state, digest, { taskId, replicate })?.passed),
  )

const STEPS: Readonly<Record<SearchStage, (state: SearchState) => SearchState>> = {
  baseline: afterBaseline,
  propose: (state) => planGate(takeProposals(state)),
  gate: judgeGate,
  full: afterFull,
}
