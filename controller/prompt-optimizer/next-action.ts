import type { SearchAction, SearchState } from './search-state.ts'

/** What the search wants done now: the orders of the current wave that have no answer yet, or the end. */
export const nextAction = (state: SearchState): SearchAction => {
  if (state.stopped !== null) return { type: 'stop', ...state.stopped }
  const orders = state.orders.filter((order) => state.answers[order.id] === undefined)
  if (orders.length > 0) return { type: 'propose', orders }
  return {
    type: 'evaluate',
    orders: state.runs.filter((run) => state.answers[run.id] === undefined),
  }
}
