import type { CycleEvent } from '../schemas/cycle-event.ts'
import type { Evaluation } from '../schemas/evaluation.ts'
import type { Task } from '../schemas/task.ts'
import type { WorkResult } from './cycle/conclude.ts'
import type { CycleState } from './cycle/cycle-state.ts'
import { stamp } from './cycle/facts.ts'
import { searchSetup } from './cycle/search-setup.ts'
import { type CycleServices, evaluate, untoldRuns, whyNotEvaluated } from './cycle-services.ts'
import { probeAgent } from './probe-agent.ts'
import { applyResult } from './prompt-optimizer/apply-result.ts'
import { assessProposals } from './prompt-optimizer/assess-proposals.ts'
import { nextAction } from './prompt-optimizer/next-action.ts'
import { searchCostBound } from './prompt-optimizer/search-cost-bound.ts'
import type {
  Candidate,
  ProposalOrder,
  ProposalResult,
  RunOrder,
  SearchResult,
  SearchState,
} from './prompt-optimizer/search-state.ts'
import { startSearch } from './prompt-optimizer/start-search.ts'
import { propose } from './propose.ts'

/**
 * Obeys the search of one round. Candidates are on the log and evaluations in the ledger before they are used, so that
 * the same search after a crash asks for the same, is answered from there, and spends nothing twice.
 */
export const runSearch = async (
  services: CycleServices,
  untrusted: readonly string[],
): Promise<WorkResult> => {
  const setup = searchSetup(services.cycle, services.facts)
  tellBound(services, setup.policy)
  let state = startSearch(setup)
  const problem = await probeAgent(services, state)
  if (problem !== null) return { type: 'impossible', reason: problem }
  for (;;) {
    const action = nextAction(state)
    if (action.type === 'stop') return ended(services, state, action)
    const results =
      action.type === 'propose'
        ? await takeProposals(services, action.orders, untrusted)
        : await takeRuns(services, state, action.orders)
    if (results === 'over-budget') return ended(services, state, { best: null, reason: 'budget' })
    if ('type' in results) return results
    for (const result of results) state = applyResult(state, result)
  }
}

const ended = (
  services: CycleServices,
  { spent: { proposals } }: SearchState,
  { best, reason }: { readonly best: string | null; readonly reason: string },
): WorkResult => {
  const agentRuns = untoldRuns(services)
  return { type: 'search-finished', best, reason, proposals, agentRuns }
}

const tellBound = (
  { context, cycle }: CycleServices,
  policy: CycleServices['facts']['policy']['search'],
): void => {
  const count = (split: Task['split']): number =>
    cycle.tasks.filter((task) => task.split === split).length
  const bound = searchCostBound({
    population: policy.population,
    generations: policy.generations,
    fixTasks: count('fix'),
    holdoutTasks: count('holdout'),
    mutationCost: 0,
    evaluationCost: 1,
  })
  context.logger.info(
    { cycleId: cycle.id, round: cycle.round, bound, cap: policy.maxAgentRuns },
    'a search begins: at most so many agent runs, the baseline apart',
  )
}

/** Answers the orders of a wave; what the log holds of an earlier attempt is not asked again. */
const takeProposals = async (
  services: CycleServices,
  orders: readonly ProposalOrder[],
  untrusted: readonly string[],
): Promise<readonly ProposalResult[]> => {
  const { context, cycle, facts, signal } = services
  const results = await Promise.all(
    orders.map(async (order): Promise<ProposalResult> => {
      const known = recordedCandidates(cycle, order)
      if (known !== null)
        return { type: 'proposed', orderId: order.id, candidates: known, refusals: [] }
      const proposals = await propose(context, order, { agent: cycle.agent, tasks: cycle.tasks })
      const { baseline } = cycle
      const assessment = { baseline: baseline.config, untrusted, policy: facts.policy }
      return distinct(assessProposals(order, proposals, assessment))
    }),
  )
  signal.throwIfAborted()
  const fresh = results.flatMap((result, i) => proposedEvents(services, orders[i], result))
  if (fresh.length > 0) await services.append(fresh)
  for (const { refusals } of results)
    for (const { orderId, reasons } of refusals)
      context.logger.info({ cycleId: cycle.id, orderId, reasons }, 'a proposal is refused')
  return results
}

const distinct = (result: ProposalResult): ProposalResult => ({
  ...result,
  candidates: result.candidates.filter(
    ({ digest }, i, all) => all.findIndex((other) => other.digest === digest) === i,
  ),
})

/** The candidates that answer an order, if all of them are on the log. */
const recordedCandidates = (
  cycle: CycleState,
  order: ProposalOrder,
): readonly Candidate[] | null => {
  const found = cycle.candidates.filter(
    ({ orderId, round }) => orderId === order.id && round === cycle.round,
  )
  if (found.length === 0 || found.length < (found[0]?.orderCandidates ?? 0)) return null
  return found.map(({ digest, config, patch, hypothesis }) => ({
    digest,
    config,
    patch,
    hypothesis,
    parents: order.parents,
    operator: order.operator,
    expectedFixes: [],
    fearedRegressions: [],
  }))
}

const proposedEvents = (
  { cycle, facts, context }: CycleServices,
  order: ProposalOrder | undefined,
  { candidates, orderId }: ProposalResult,
): readonly CycleEvent[] => {
  const known = cycle.candidates.filter(
    (one) => one.orderId === orderId && one.round === cycle.round,
  )
  return candidates
    .filter(({ digest }) => !known.some((one) => one.digest === digest))
    .map(({ digest, config, patch, operator, hypothesis }) => ({
      ...stamp(cycle, { ...facts, nowMs: context.clock.nowMs() }),
      type: 'candidate-proposed',
      round: cycle.round,
      digest,
      parent: order?.parents[0] ?? cycle.baseline.digest,
      config,
      patch,
      operator,
      hypothesis,
      orderId,
      orderCandidates: candidates.length,
    }))
}

/** Makes the runs of a wave, if the cycle's budget holds them and the agent can be reached. */
const takeRuns = async (
  services: CycleServices,
  state: SearchState,
  orders: readonly RunOrder[],
): Promise<readonly SearchResult[] | 'over-budget' | WorkResult> => {
  const { cycle } = services
  const tasks = new Map(cycle.tasks.map((task) => [task.id, task]))
  const runs = orders.flatMap(({ digest, taskId, replicate }) => {
    const task = tasks.get(taskId)
    const config = state.candidates[digest]?.config
    return task === undefined || config === undefined
      ? []
      : [{ task, arm: { digest, config }, replicate }]
  })
  const outcome = await evaluate(services, { stage: 'search', suite: cycle.tasks, runs })
  if (outcome.kind === 'over-budget') return outcome.kind
  if (outcome.kind === 'unreachable') return whyNotEvaluated(outcome) ?? []
  return orders.map((order, i) => resultOf(order, outcome.evaluations[i]))
}

const resultOf = (order: RunOrder, evaluation: Evaluation | undefined): SearchResult => ({
  type: 'evaluated',
  orderId: order.id,
  score: evaluation?.score ?? null,
  passed: evaluation?.passed ?? null,
})
