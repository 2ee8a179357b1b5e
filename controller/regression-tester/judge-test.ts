import type { TestPlan } from '../../schemas/cycle-event.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { Policy } from '../../schemas/policy.ts'
import type { Task } from '../../schemas/task.ts'
import { judgeMetric } from './judge-metric.ts'
import { type MetricRule, metricRules, SUCCESS } from './metric-rules.ts'
import {
  type Arm,
  type MissingRun,
  missingRuns,
  pairsOf,
  type RunsByTask,
  runsOfPlan,
  unitsOf,
} from './pair-runs.ts'

export interface TestMaterial {
  readonly plan: TestPlan
  readonly tasks: readonly Task[]
  readonly baseline: readonly Evaluation[]
  readonly candidate: readonly Evaluation[]
  readonly policy: Policy
}

export interface TestJudgement {
  /** Every run that the plan asks for has a score. */
  readonly complete: boolean
  readonly missing: readonly MissingRun[]
  readonly passed: boolean
  /** The target first, then success of the guardrails, then the guardrail metrics. */
  readonly evidence: readonly Evidence[]
  /** Tasks that do worse than before, to constrain the next search. */
  readonly regressedTaskIds: readonly string[]
  /** Why it did not pass; empty when it did. */
  readonly reasons: readonly string[]
}

type Arms = Readonly<Record<Arm, RunsByTask>>

/**
 * Ships only what is superior on the target and non-inferior on every guardrail, keeps every critical task, and does
 * not lose on the whole. All parts must hold (intersection–union), so alpha is not divided among them.
 */
export const judgeTest = (material: TestMaterial): TestJudgement => {
  const { plan, tasks } = material
  const arms: Arms = {
    baseline: runsOfPlan(plan, material.baseline),
    candidate: runsOfPlan(plan, material.candidate),
  }
  const missing = [
    ...missingRuns(plan, 'baseline', arms.baseline),
    ...missingRuns(plan, 'candidate', arms.candidate),
  ]
  const evidence = evidenceOf(material, arms)
  const all = pairsOf(plan.taskIds, SUCCESS, plan.replicates, arms)
  const net = all.reduce((sum, pair) => sum + pair.candidate - pair.baseline, 0)
  const reasons = [
    ...evidence.filter((part) => !holds(part)).map(reasonOf),
    ...brokenCriticals(tasks, arms).map((id) => `critical task ${id} passed before and fails now`),
    ...(net < 0 ? [`over all ${all.length} tasks the success falls`] : []),
  ]
  return {
    complete: missing.length === 0,
    missing,
    passed: missing.length === 0 && reasons.length === 0,
    evidence,
    regressedTaskIds: all
      .filter((pair) => pair.candidate < pair.baseline)
      .map(({ taskId }) => taskId),
    reasons,
  }
}

const evidenceOf = (
  { plan, policy, ...material }: TestMaterial,
  arms: Arms,
): readonly Evidence[] => {
  const rules = metricRules(policy).filter(({ metric }) => plan.metrics.includes(metric))
  const epochs = new Set([...material.baseline, ...material.candidate].map(({ epoch }) => epoch))
  const unitOf = unitsOf(material.tasks)
  const problems = epochs.size > 1 ? ['the scores come from unlike epochs of the scorers'] : []
  const judge = (rule: MetricRule, role: 'target' | 'guardrail', taskIds: readonly string[]) =>
    judgeMetric(
      {
        rule,
        role,
        alpha: plan.alpha,
        method: plan.method,
        parts: role === 'target' ? 1 : rules.length,
        planned: taskIds.length,
        unitOf,
        problems,
      },
      pairsOf(taskIds, rule.metric, plan.replicates, arms),
    )
  const success = { ...(rules[0] as MetricRule), margin: plan.margin }
  return [
    judge(success, 'target', plan.targetTaskIds),
    judge(success, 'guardrail', plan.guardrailTaskIds),
    ...rules.slice(1).map((rule) => judge(rule, 'guardrail', plan.taskIds)),
  ]
}

const holds = ({ role, verdict }: Evidence): boolean =>
  verdict === 'superior' || (role === 'guardrail' && verdict === 'non-inferior')

const reasonOf = ({ role, metric, verdict, reasons }: Evidence): string =>
  [`${role} ${metric}: ${verdict}`, ...reasons].join('; ')

/** Critical tasks that the baseline passed in every replicate and the candidate failed in at least one. */
const brokenCriticals = (tasks: readonly Task[], arms: Arms): readonly string[] => {
  const runs = (arm: Arm, id: string) => [...(arms[arm].get(id)?.values() ?? [])]
  return tasks
    .filter(({ id, critical }) => {
      const before = runs('baseline', id)
      const kept = before.length > 0 && before.every(({ passed }) => passed === true)
      return (
        critical === true && kept && runs('candidate', id).some(({ passed }) => passed === false)
      )
    })
    .map(({ id }) => id)
}
