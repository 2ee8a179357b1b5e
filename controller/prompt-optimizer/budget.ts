import { seedOf } from '../../schemas/seeded-random.ts'
import { replicatesOf, scoreOf } from './objective.ts'
import type { RunOrder, SearchState } from './search-state.ts'

export const remainingRuns = (state: SearchState): number =>
  state.setup.policy.maxAgentRuns - state.spent.agentRuns

export const remainingProposals = (state: SearchState): number =>
  state.setup.policy.maxProposals - state.spent.proposals

/** Agent runs that a full evaluation takes. */
export const costOfCandidate = (state: SearchState): number =>
  (state.setup.fixTaskIds.length + state.setup.holdoutTaskIds.length) * replicatesOf(state).length

/** The runs of a candidate on these tasks that have no score yet. */
export const runsOver = (
  state: SearchState,
  digest: string,
  taskIds: readonly string[],
): readonly RunOrder[] =>
  taskIds.flatMap((taskId) =>
    replicatesOf(state)
      .filter((replicate) => scoreOf(state, digest, { taskId, replicate }) === undefined)
      .map((replicate) => runOrder(state, { digest, taskId, replicate, attempt: 1 })),
  )

/** The same run once more, under a new order id. */
export const tryAgain = (state: SearchState, run: RunOrder): RunOrder =>
  runOrder(state, { ...run, attempt: run.attempt + 1 })

const runOrder = (
  state: SearchState,
  run: Pick<RunOrder, 'digest' | 'taskId' | 'replicate' | 'attempt'>,
): RunOrder => ({
  id: `${run.digest}/${run.taskId}/${run.replicate}/${run.attempt}`,
  digest: run.digest,
  taskId: run.taskId,
  split: state.setup.fixTaskIds.includes(run.taskId) ? 'fix' : 'holdout',
  replicate: run.replicate,
  attempt: run.attempt,
  // Common random numbers: neither the candidate nor the attempt is part of the seed.
  seed: seedOf(`${run.taskId}:${run.replicate}`),
})

/** Runs are paid for when they are ordered, not when they come back: a cap is then never overshot. */
export const issueRuns = (state: SearchState, runs: readonly RunOrder[]): SearchState => ({
  ...state,
  orders: [],
  runs,
  answers: {},
  spent: { ...state.spent, agentRuns: state.spent.agentRuns + runs.length },
})

/** Takes whole bundles in their order as long as each fits into what is left but the reserve. */
export const affordable = <Bundle extends { readonly runs: readonly RunOrder[] }>(
  state: SearchState,
  bundles: readonly Bundle[],
  reserve = 0,
): readonly Bundle[] => {
  let left = remainingRuns(state) - reserve
  return bundles.filter(({ runs }) => {
    if (runs.length > left) return false
    left -= runs.length
    return true
  })
}
