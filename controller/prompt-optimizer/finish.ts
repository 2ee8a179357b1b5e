import { byObjective, objectiveOf } from './objective.ts'
import type { SearchState, StopReason } from './search-state.ts'

/** Differences below this are rounding of the means, not a gain. */
export const SMALLEST_GAIN = 1e-9

/** The best candidate, or null: it has to beat the baseline's objective, a tie is no reason to change anything. */
const bestCandidate = (state: SearchState): string | null => {
  const [best] = byObjective(state, state.evaluated)
  const { digest } = state.setup.baseline
  if (best === undefined || best === digest) return null
  return objectiveOf(state, best) > objectiveOf(state, digest) + SMALLEST_GAIN ? best : null
}

/** Ends the search: nothing is outstanding any more. */
export const stopSearch = (state: SearchState, reason: StopReason): SearchState => ({
  ...state,
  orders: [],
  runs: [],
  answers: {},
  contenders: [],
  stopped: { best: bestCandidate(state), reason },
})
