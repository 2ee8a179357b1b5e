import type { Logger } from 'pino'
import { type Clock, isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { Metrics } from '../../pipeline/service-runtime/metrics.ts'
import type { AgentConfig } from '../../schemas/agent-config.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import { RUN_PROTOCOL, type RunRequest, type RunResponse } from '../../schemas/run-protocol.ts'
import { seedOf } from '../../schemas/seeded-random.ts'
import type { Split, Task } from '../../schemas/task.ts'
import type { AgentRunner } from '../agent-runner/agent-runner.ts'
import type { EvaluationLedger } from './evaluation-ledger.ts'
import { answerText } from './match-answer.ts'
import type { RunBudget } from './run-budget.ts'
import { runMetrics } from './run-metrics.ts'
import { scoreAnswer } from './score-answer.ts'

export interface Arm {
  readonly digest: string
  readonly config: AgentConfig
}

/** One run to be made: a task with its split, in one arm. Equal task and replicate have equal seeds in every arm. */
export interface PlannedRun {
  readonly task: Task
  readonly arm: Arm
  readonly replicate: number
}

export interface EvaluationServices {
  readonly runner: AgentRunner
  readonly ledger: EvaluationLedger
  readonly budget: RunBudget
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export interface EvaluationRequest {
  readonly agent: string
  readonly cycleId: string
  readonly cycleSeed: number
  readonly stage: Evaluation['stage']
  /** Of the whole suite of the cycle: see `epochOf`. */
  readonly epoch: string
  readonly concurrency: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type EvaluationOutcome =
  | { readonly kind: 'evaluated'; readonly evaluations: readonly Evaluation[] }
  | { readonly kind: 'over-budget'; readonly needed: number; readonly left: number }

/** The seals: what the optimizer has seen cannot judge it. */
const MAY_SEE: Readonly<Record<Evaluation['stage'], readonly Split[]>> = {
  search: ['fix', 'holdout'],
  verify: ['fix', 'holdout', 'regression'],
  test: ['regression'],
  control: ['regression'],
  anchor: ['anchor'],
}

const MOST_ATTEMPTS = 3
const RETRY_PAUSE_MS = 500
const MOST_OUTPUT_CHARS = 4000

/**
 * Runs the agent and judges its answers; the evaluations come in the order of `runs`. Each is in the ledger before this
 * resolves; those that were there are not run again. Nothing is run unless the budget holds all that is new.
 * @throws InvalidInputError `split-forbidden` when the stage may not see a task's split
 */
export const evaluateTasks = async (
  services: EvaluationServices,
  request: EvaluationRequest,
  runs: readonly PlannedRun[],
): Promise<EvaluationOutcome> => {
  refuseSealed(request.stage, runs)
  const ids = runs.map((run) => evaluationId(request, run))
  const fresh = new Map(
    runs.flatMap((run, i) => {
      const id = ids[i] ?? ''
      return services.ledger.find(id) === undefined ? [[id, run] as const] : []
    }),
  )
  if (!services.budget.take(fresh.size))
    return { kind: 'over-budget', needed: fresh.size, left: services.budget.left() }
  await inParallel([...fresh], request.concurrency, ([id, run]) =>
    evaluateOne(services, request, run, id),
  )
  return { kind: 'evaluated', evaluations: ids.flatMap((id) => services.ledger.find(id) ?? []) }
}

/** The same run asked again has the same id, hence the same entry of the ledger. */
const evaluationId = ({ cycleId, stage, epoch }: EvaluationRequest, run: PlannedRun): string => {
  const { task, arm, replicate } = run
  const what = [cycleId, stage, arm.digest, task.split, task.id, replicate, epoch]
  return digestOf(what).slice(0, 39)
}

const refuseSealed = (stage: Evaluation['stage'], runs: readonly PlannedRun[]): void => {
  const sealed = runs.find(
    ({ task }) => task.split === undefined || !MAY_SEE[stage].includes(task.split),
  )
  if (sealed !== undefined)
    throw new InvalidInputError(
      'split-forbidden',
      `${stage} may not see task ${sealed.task.id} of split ${sealed.task.split ?? 'none'}.`,
    )
}

/** After a failure nothing new starts, and the failure is told when what runs has ended. */
const inParallel = async <Item>(
  items: readonly Item[],
  concurrency: number,
  act: (item: Item) => Promise<void>,
): Promise<void> => {
  let next = 0
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      try {
        await act(item)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: concurrency }, lane))
  const failed = lanes.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

const evaluateOne = async (
  services: EvaluationServices,
  request: EvaluationRequest,
  run: PlannedRun,
  id: string,
): Promise<void> => {
  const { task, arm, replicate } = run
  const seed = seedOf(`${task.id}:${replicate}:${request.cycleSeed}`)
  const { response, attempts, latencyMs } = await runPatiently(services, request, run, { id, seed })
  const { score, passed, error } = scoreAnswer(task, response)
  await services.ledger.append({
    id,
    agent: request.agent,
    cycleId: request.cycleId,
    stage: request.stage,
    candidate: arm.digest,
    taskId: task.id,
    split: task.split ?? 'fix',
    replicate,
    seed,
    epoch: request.epoch,
    status: response.status,
    score,
    passed,
    metrics: runMetrics(response, { latencyMs, attempts }),
    output:
      response.output === undefined
        ? null
        : answerText(response.output).slice(0, MOST_OUTPUT_CHARS),
    error,
    at: isoOf(services.clock.nowMs()),
  })
  services.metrics.count('neosigma.evaluations', 1, {
    stage: request.stage,
    status: response.status,
  })
}

interface Attempted {
  readonly response: RunResponse
  readonly attempts: number
  readonly latencyMs: number
}

/** An `infra_error` is tried again while the budget lasts; each attempt costs a run. */
const runPatiently = async (
  { runner, budget, clock, logger }: EvaluationServices,
  { timeoutMs, signal }: EvaluationRequest,
  { task, arm }: PlannedRun,
  { id, seed }: { readonly id: string; readonly seed: number },
): Promise<Attempted> => {
  for (let attempt = 1; ; attempt++) {
    const request: RunRequest = {
      protocol: RUN_PROTOCOL,
      runId: id,
      attempt,
      seed,
      task: { id: task.id, input: task.input, metadata: { taskType: task.taskType } },
      candidate: arm,
      limits: { timeoutMs, maxSteps: arm.config.guards.maxSteps },
      trace: 'none',
    }
    const startedMs = clock.nowMs()
    const response = await runner.run(request, signal)
    signal.throwIfAborted()
    const again = response.status === 'infra_error' && attempt < MOST_ATTEMPTS && budget.take(1)
    if (!again) return { response, attempts: attempt, latencyMs: clock.nowMs() - startedMs }
    logger.warn({ runId: id, attempt, error: response.error }, 'the agent is not reached, again')
    await clock.sleep(RETRY_PAUSE_MS * 2 ** (attempt - 1), signal)
    signal.throwIfAborted()
  }
}
