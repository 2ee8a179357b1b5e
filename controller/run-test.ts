import type { Task } from '../schemas/task.ts'
import type { WorkResult } from './cycle/conclude.ts'
import { type CycleServices, evaluate, untoldRuns, whyNotEvaluated } from './cycle-services.ts'
import type { PlannedRun } from './evaluation/evaluate-tasks.ts'
import { judgeTest, type TestJudgement } from './regression-tester/judge-test.ts'

/**
 * Runs both arms of the planned test, task by task side by side, so that whatever changes over time meets both alike.
 * Runs without an answer of the infrastructure in both arms end the cycle; in the candidate's arm alone they count
 * against it.
 */
export const runTest = async (services: CycleServices, digest: string): Promise<WorkResult> => {
  const { cycle, facts } = services
  const { plan, baseline, tasks } = cycle
  const candidate = cycle.candidates.find((one) => one.digest === digest)
  if (plan === null || candidate === undefined)
    return { type: 'impossible', reason: 'the candidate of the test is not on the log' }
  const arms = [baseline, { digest, config: candidate.config }]
  const runs = plan.taskIds.flatMap((id) => {
    const task = tasks.find((one) => one.id === id)
    return task === undefined ? [] : runsOf(task, arms, plan.replicates)
  })
  const outcome = await evaluate(services, { stage: 'test', suite: tasks, runs })
  if (outcome.kind !== 'evaluated')
    return whyNotEvaluated(outcome) ?? { type: 'impossible', reason: 'the test was not made' }
  const of = (arm: string) => outcome.evaluations.filter((run) => run.candidate === arm)
  const judgement = judgeTest({
    plan,
    tasks: tasks.filter(({ id }) => plan.taskIds.includes(id)),
    baseline: of(baseline.digest),
    candidate: of(digest),
    policy: facts.policy,
  })
  const unreached = judgement.missing.filter(({ arm }) => arm === 'baseline').length
  if (unreached > 0) {
    const reason = `agent-unavailable: ${unreached} runs of the baseline gave no answer`
    return { type: 'impossible', reason }
  }
  return {
    type: 'test-finished',
    digest,
    judgement: explained(judgement),
    agentRuns: untoldRuns(services),
  }
}

const runsOf = (
  task: Task,
  arms: readonly PlannedRun['arm'][],
  replicates: number,
): readonly PlannedRun[] =>
  Array.from({ length: replicates }, (_, replicate) => replicate).flatMap((replicate) =>
    arms.map((arm) => ({ task, arm, replicate })),
  )

const explained = (judgement: TestJudgement): TestJudgement =>
  judgement.missing.length === 0
    ? judgement
    : {
        ...judgement,
        reasons: [
          ...judgement.reasons,
          `${judgement.missing.length} runs of the candidate gave no answer`,
        ],
      }
