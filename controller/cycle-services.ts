import type { AgentSettings } from '../pipeline/service-runtime/configuration.ts'
import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import type { CycleEvent } from '../schemas/cycle-event.ts'
import type { Evaluation } from '../schemas/evaluation.ts'
import type { Task } from '../schemas/task.ts'
import type { AgentRunner } from './agent-runner/agent-runner.ts'
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

/** Runs the agent, what the ledger knows excepted. */
export const evaluate = (
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

/** Agent runs of this cycle that no event has told of yet. */
export const untoldRuns = ({ ledger, cycle }: CycleServices): number =>
  Math.max(0, ledger.spentRuns() - cycle.spentRuns)
