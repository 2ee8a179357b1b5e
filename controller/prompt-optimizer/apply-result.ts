import { advance } from './advance.ts'
import type { SearchResult, SearchState } from './search-state.ts'

/**
 * Folds one result in. Results of a wave may come in any order and more than once; one that no open order asked for
 * changes nothing, so that a replay of a ledger is harmless.
 */
export const applyResult = (state: SearchState, result: SearchResult): SearchState => {
  const open: readonly { readonly id: string }[] =
    result.type === 'proposed' ? state.orders : state.runs
  const expected = open.some(({ id }) => id === result.orderId)
  if (!expected || state.answers[result.orderId] !== undefined) return state
  return advance({ ...state, answers: { ...state.answers, [result.orderId]: result } })
}
