import { advance } from './advance.ts'
import { costOfCandidate, issueRuns, runsOver } from './budget.ts'
import { stopSearch } from './finish.ts'
import type { Candidate, SearchSetup, SearchState } from './search-state.ts'

const baselineCandidate = (baseline: SearchSetup['baseline']): Candidate => ({
  ...baseline,
  patch: [],
  parents: [],
  operator: 'baseline',
  hypothesis: '',
  expectedFixes: [],
  fearedRegressions: [],
})

/** A task is of one split: fix wins. Names are unique, and a critical task has to be in the plan. */
const planned = (setup: SearchSetup): SearchSetup => {
  const fixTaskIds = [...new Set(setup.fixTaskIds)]
  const holdoutTaskIds = [...new Set(setup.holdoutTaskIds)].filter((id) => !fixTaskIds.includes(id))
  const known = new Set([...fixTaskIds, ...holdoutTaskIds])
  return {
    ...setup,
    fixTaskIds,
    holdoutTaskIds,
    criticalTaskIds: [...new Set(setup.criticalTaskIds)].filter((id) => known.has(id)),
  }
}

/**
 * Begins with the baseline on every task of both splits. Where the budget does not buy the baseline and one
 * candidate, the search stops before it spends anything.
 */
export const startSearch = (setup: SearchSetup): SearchState => {
  const { baseline } = setup
  const empty: SearchState = {
    setup: planned(setup),
    stage: 'baseline',
    generation: 0,
    orders: [],
    runs: [],
    answers: {},
    candidates: { [baseline.digest]: baselineCandidate(baseline) },
    scores: {},
    contenders: [],
    tied: [],
    population: [],
    evaluated: [],
    refusals: [],
    spent: { agentRuns: 0, proposals: 0 },
    stagnant: 0,
    stopped: null,
  }
  if (empty.setup.fixTaskIds.length === 0) return stopSearch(empty, 'no-fix-task')
  if (empty.setup.policy.maxAgentRuns < 2 * costOfCandidate(empty)) {
    return stopSearch(empty, 'budget')
  }
  const { fixTaskIds, holdoutTaskIds } = empty.setup
  return advance(
    issueRuns(empty, runsOver(empty, baseline.digest, [...fixTaskIds, ...holdoutTaskIds])),
  )
}
