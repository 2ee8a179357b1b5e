import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { Task } from '../../schemas/task.ts'
import type { TestJudgement } from '../regression-tester/judge-test.ts'
import type { CycleState } from './cycle-state.ts'
import { type Facts, finished, stamp } from './facts.ts'

/** What finished work says. `impossible`: it could not be done and another time it may be; nothing was scored. */
export type WorkResult =
  | { readonly type: 'impossible'; readonly reason: string }
  | {
      readonly type: 'suite-prepared'
      readonly tasks: readonly Task[]
      readonly suiteDigest: string
      readonly generated: number
      readonly agentRuns: number
    }
  | {
      readonly type: 'search-finished'
      readonly best: string | null
      readonly reason: string
      readonly agentRuns: number
      readonly proposals: number
    }
  | {
      readonly type: 'test-finished'
      readonly digest: string
      readonly judgement: TestJudgement
      readonly agentRuns: number
    }

/** What kept a cycle from going on may pass soon, so the cluster rests for a short time only. */
const SHORT_REST_HOURS = 0.25

/** The event that tells of finished work. */
export const conclude = (cycle: CycleState, facts: Facts, result: WorkResult): CycleEvent => {
  const common = stamp(cycle, facts)
  switch (result.type) {
    case 'impossible':
      return finished(cycle, facts, {
        outcome: 'NoChange',
        reason: result.reason,
        coolDownHours: Math.min(SHORT_REST_HOURS, facts.policy.target.coolDownHours),
      })
    case 'suite-prepared':
      return { ...common, ...result, tasks: [...result.tasks] }
    case 'search-finished':
      return { ...common, ...result, round: cycle.round }
    case 'test-finished': {
      const { type, digest, judgement, agentRuns } = result
      const { passed, evidence, regressedTaskIds, reasons } = judgement
      return {
        ...common,
        type,
        round: cycle.round,
        digest,
        passed,
        evidence: [...evidence],
        regressedTaskIds: [...regressedTaskIds],
        reasons: [...reasons],
        agentRuns,
      }
    }
  }
}
