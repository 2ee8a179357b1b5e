import { applyResult } from '../../controller/prompt-optimizer/apply-result.ts'
import { assessProposals } from '../../controller/prompt-optimizer/assess-proposals.ts'
import { nextAction } from '../../controller/prompt-optimizer/next-action.ts'
import type {
  Proposal,
  ProposalOrder,
  RunOrder,
  SearchResult,
  SearchSetup,
  SearchState,
} from '../../controller/prompt-optimizer/search-state.ts'
import { startSearch } from '../../controller/prompt-optimizer/start-search.ts'
import type { AgentConfig } from '../../schemas/agent-config.ts'
import { policy } from '../../schemas/policy.ts'

export interface World {
  readonly propose: (order: ProposalOrder) => readonly Proposal[]
  /** Null stands for a run that the infrastructure broke. */
  readonly score: (config: AgentConfig, run: RunOrder) => number | null
}

export interface Driven {
  readonly state: SearchState
  readonly runs: readonly RunOrder[]
  readonly proposalOrders: readonly ProposalOrder[]
}

/** Obeys a search to its end; `arrange` decides the order in which the results of a wave come in. */
export const driveSearch = (
  setup: SearchSetup,
  world: World,
  arrange: (results: readonly SearchResult[]) => readonly SearchResult[] = (results) => results,
): Driven => {
  const runs: RunOrder[] = []
  const proposalOrders: ProposalOrder[] = []
  let state = startSearch(setup)
  for (;;) {
    const action = nextAction(state)
    if (action.type === 'stop') return { state, runs, proposalOrders }
    if (action.type === 'propose') proposalOrders.push(...action.orders)
    else runs.push(...action.orders)
    const { candidates } = state
    const results =
      action.type === 'propose'
        ? action.orders.map((order) => answer(setup, world, order))
        : action.orders.map((run): SearchResult => {
            const score = world.score(candidates[run.digest]?.config ?? setup.baseline.config, run)
            return {
              type: 'evaluated',
              orderId: run.id,
              score,
              passed: score === null ? null : score >= 0.5,
            }
          })
    for (const result of arrange(results)) state = applyResult(state, result)
  }
}

const answer = (setup: SearchSetup, world: World, order: ProposalOrder): SearchResult =>
  assessProposals(order, order.ready === null ? world.propose(order) : [order.ready], {
    baseline: setup.baseline.config,
    untrusted: [],
    policy: policy.parse({}),
  })

/** Adds a section of this id and text at the end of the prompt `main`. */
export const addingSection = (id: string, text: string): Proposal => ({
  patch: [{ op: 'add', path: '/prompts/main/-', value: { id, text } }],
  hypothesis: `Adding ${id} helps.`,
  expectedFixes: [],
  fearedRegressions: [],
})

export const sectionIds = (config: AgentConfig): readonly string[] =>
  (config.prompts['main'] ?? []).map(({ id }) => id)
