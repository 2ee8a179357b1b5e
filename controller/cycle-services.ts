import type { AgentSettings } from '../pipeline/service-runtime/configuration.ts'
import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import type { CycleEvent } from '../schemas/cycle-event.ts'
import type { Evaluation } from '../schemas/evaluation.ts'
import type { Task } from '../schemas/task.ts'
import type { AgentRunner } from './agent-runner/agent-runner.ts'
import type { WorkResult } from './cycle/conclude.ts'
import type { CycleState } from './cycle/cycle-state.ts'
import type { Facts } from './cycle/facts.ts'
import {
  type EvaluationOutcome,
  evaluateTasks,
  type PlannedRun,
} from './evaluation/evaluate-tasks.ts'
import type { EvaluationLedger } from './evaluation/evaluation-ledger.ts'
import type { RunBudget } from './evaluation/run-budget.ts'
import { epochOf } from './evaluation/score-answer.ts'

/** What the work of one cycle is given. */
export interface CycleServices {
  readonly context: RoleContext
  readonly settings: AgentSettings
  readonly cycle: CycleState
  readonly facts: Facts
  readonly runner: AgentRunner
  readonly ledger: EvaluationLedger
  readonly budget: RunBudget
  /** Appends events of this cycle; resolves when they are folded. */
  readonly append: (events: readonly CycleEvent[]) => Promise<void>
  readonly signal: AbortSignal
}

export interface Evaluating {
  readonly stage: Evaluation['stage']
  /** Every task of the suite: they name the epoch of the scorers. */
  readonly suite: readonly Task[]
  readonly runs: readonly PlannedRun[]
}

export type Evaluated =
  | EvaluationOutcome
  | { readonly kind: 'unreachable'; readonly error: string | null }

/** So many runs in a row without reaching the agent, and the rest is not tried. */
const BLOCK_RUNS = 16

/**
 * Runs the agent, what the ledger knows excepted; the evaluations come in the order of `runs`. It is done in blocks: an
 * agent that a whole block of runs has not reached is given up, before a budget is spent on silence.
 */
export const evaluate = async (
  services: CycleServices,
  evaluating: Evaluating,
): Promise<Evaluated> => {
  const { runs } = evaluating
  const evaluations: Evaluation[] = []
  for (let start = 0; start < runs.length; start += BLOCK_RUNS) {
    const block = runs.slice(start, start + BLOCK_RUNS)
    const outcome = await evaluateBlock(services, { ...evaluating, runs: block })
    if (outcome.kind === 'over-budget') return outcome
    const silent = outcome.evaluations.every(({ status }) => status === 'infra_error')
    if (silent && block.length === BLOCK_RUNS)
      return { kind: 'unreachable', error: outcome.evaluations[0]?.error ?? null }
    evaluations.push(...outcome.evaluations)
  }
  return { kind: 'evaluated', evaluations }
}

const evaluateBlock = (
  { context, cycle, facts, runner, ledger, budget, signal }: CycleServices,
  { stage, suite, runs }: Evaluating,
): Promise<EvaluationOutcome> => {
  const { clock, logger, metrics } = context
  const { concurrency, timeoutMs } = facts.policy.search
  return evaluateTasks(
    { runner, ledger, budget, clock, logger, metrics },
    {
      agent: cycle.agent,
      cycleId: cycle.id,
      cycleSeed: cycle.seed,
      stage,
      epoch: epochOf(suite),
      concurrency,
      timeoutMs,
      signal,
    },
    runs,
  )
}

/** Why evaluations could not be made; null where they were. */
export const whyNotEvaluated = (
  outcome: Evaluated,
): Extract<WorkResult, { type: 'impossible' }> | null => {
  switch (outcome.kind) {
    case 'evaluated':
      return null
    case 'over-budget': {
      const reason = `budget: ${outcome.needed} agent runs are needed, ${outcome.left} are left`
      return { type: 'impossible', reason }
    }
    case 'unreachable': {
      const reason = `agent-unavailable: ${BLOCK_RUNS} runs in a row gave no answer (${outcome.error})`
      return { type: 'impossible', reason }
    }
  }
}

/** Agent runs of this cycle that no event has told of yet. */
export const untoldRuns = ({ ledger, cycle }: CycleServices): number =>
  Math.max(0, ledger.spentRuns() - cycle.spentRuns)
