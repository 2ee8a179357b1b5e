import { describe, expect, test } from 'vitest'
import { judgeTest, type TestMaterial } from '../../../controller/regression-tester/judge-test.ts'
import { planTest } from '../../../controller/regression-tester/plan-test.ts'
import type { TestPlan } from '../../../schemas/cycle-event.ts'
import type { Evaluation } from '../../../schemas/evaluation.ts'
import { evidence } from '../../../schemas/evidence.ts'
import { type Policy, policy } from '../../../schemas/policy.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { type Task, task } from '../../../schemas/task.ts'
import { anEvaluation } from '../../support/an-evaluation.ts'

const TARGETS = 8
const isTarget = (id: string): boolean => id.startsWith('target')
const standard = policy.parse({})

const tasksOf = (guards: number): readonly Task[] => [
  ...Array.from({ length: guards }, (_, i) => task.parse({ id: `guard-${i}`, input: '' })),
  ...Array.from({ length: TARGETS }, (_, i) => task.parse({ id: `target-${i}`, input: '' })),
]

const planOf = (tasks: readonly Task[], rules: Policy): TestPlan => {
  const targetTaskIds = new Set(tasks.map(({ id }) => id).filter(isTarget))
  const plan = planTest({ tasks, targetTaskIds, policy: rules, seed: 1, remainingRuns: 1e6 })
  if ('refused' in plan) throw new Error(plan.refused)
  return plan
}

type Draw = (taskId: string, replicate: number) => Partial<Evaluation>

/** The runs of one arm: what `draw` says of each task and replicate. */
const arm = (plan: TestPlan, draw: Draw): readonly Evaluation[] =>
  plan.taskIds.flatMap((taskId) =>
    Array.from({ length: plan.replicates }, (_, replicate) =>
      anEvaluation({ taskId, replicate, ...draw(taskId, replicate) }),
    ),
  )

const broken: Draw = (id) => ({ score: isTarget(id) ? 0 : 1 })
const repaired: Draw = () => ({ score: 1 })

const material = (
  draws: { baseline?: Draw; candidate?: Draw },
  { tasks = tasksOf(59), rules = standard }: { tasks?: readonly Task[]; rules?: Policy } = {},
): TestMaterial => {
  const plan = planOf(tasks, rules)
  return {
    plan,
    tasks,
    policy: rules,
    baseline: arm(plan, draws.baseline ?? broken),
    candidate: arm(plan, draws.candidate ?? repaired),
  }
}

describe('a candidate passes', () => {
  test('when it repairs the target and harms nothing', () => {
    const judgement = judgeTest(material({}))
    expect(judgement).toMatchObject({
      complete: true,
      passed: true,
      reasons: [],
      regressedTaskIds: [],
    })
    expect(judgement.evidence.map(({ role, metric, verdict }) => [role, metric, verdict])).toEqual([
      ['target', 'success', 'superior'],
      ['guardrail', 'success', 'non-inferior'],
      ['guardrail', 'outputTokens', 'non-inferior'],
    ])
  })

  test('with evidence that says n, effect, interval, detectable effect and the tasks needed', () => {
    for (const part of judgeTest(material({})).evidence) {
      expect(evidence.parse(part)).toEqual(part)
      expect(part.n).toBeGreaterThan(0)
      expect(part.interval[0]).toBeLessThanOrEqual(part.effect ?? Number.NaN)
      expect(part.interval[1]).toBeGreaterThanOrEqual(part.effect ?? Number.NaN)
      expect(part.minimalDetectableEffect).toBeGreaterThan(0)
      expect(part.nNeeded).toBeGreaterThan(0)
    }
  })
})

describe('a candidate does not pass', () => {
  test('when it repairs the target and breaks others', () => {
    const breaks: Draw = (id) => ({ score: /guard-\d$/.test(id) ? 0 : 1 })
    const judgement = judgeTest(material({ candidate: breaks }))
    expect(judgement.passed).toBe(false)
    expect(judgement.evidence[0]?.verdict).toBe('superior')
    expect(judgement.evidence[1]?.verdict).toBe('inferior')
    expect(judgement.regressedTaskIds).toHaveLength(10)
  })

  test('when one loss among 59 leaves the question open, and it says how many tasks would settle it', () => {
    const loses: Draw = (id) => ({ score: id === 'guard-0' ? 0 : 1 })
    const judgement = judgeTest(material({ candidate: loses }))
    expect(judgement.passed).toBe(false)
    expect(judgement.evidence[1]).toMatchObject({ verdict: 'inconclusive', n: 59 })
    expect(judgement.evidence[1]?.nNeeded).toBeGreaterThan(59)
  })

  test('when nothing changes', () => {
    const judgement = judgeTest(material({ candidate: broken }))
    expect(judgement.passed).toBe(false)
    expect(judgement.evidence[0]?.verdict).toBe('inconclusive')
    expect(judgement.evidence[1]?.verdict).toBe('non-inferior')
  })

  test('when a guardrail metric grows beyond its margin', () => {
    const wordy: Draw = (_id) => ({ score: 1, metrics: { outputTokens: 190 } })
    const judgement = judgeTest(material({ candidate: wordy }))
    expect(judgement.evidence[2]).toMatchObject({ metric: 'outputTokens', verdict: 'inferior' })
    expect(judgement.evidence[2]?.effect).toBeCloseTo(-0.9, 9)
    expect(judgement.passed).toBe(false)
  })

  test('when a critical task fails in one replicate that the baseline always passed', () => {
    const rules = policy.parse({ test: { replicates: 20, guardrails: [] } })
    const tasks = tasksOf(150).map((one) =>
      one.id === 'guard-7' ? { ...one, critical: true } : one,
    )
    const slips: Draw = (id, replicate) => ({ score: id === 'guard-7' && replicate === 3 ? 0 : 1 })
    const judgement = judgeTest(material({ candidate: slips }, { tasks, rules }))
    expect(judgement.evidence.map(({ verdict }) => verdict)).toEqual(['superior', 'non-inferior'])
    expect(judgement.passed).toBe(false)
    expect(judgement.reasons.join()).toContain('guard-7')
  })
})

describe('a doubt is inconclusive', () => {
  test('an infrastructure error is no score: the run is missing', () => {
    const fails: Draw = (id) =>
      id === 'guard-3' ? { status: 'infra_error', score: null, passed: null } : { score: 1 }
    const judgement = judgeTest(material({ candidate: fails }))
    expect(judgement.missing).toEqual([{ arm: 'candidate', taskId: 'guard-3', replicate: 0 }])
    expect(judgement).toMatchObject({ complete: false, passed: false })
    expect(judgement.evidence[1]).toMatchObject({ verdict: 'inconclusive', n: 58 })
  })

  test('scores of unlike epochs are not compared', () => {
    const newer: Draw = () => ({ score: 1, epoch: 'e2' })
    const verdicts = judgeTest(material({ candidate: newer })).evidence.map(
      ({ verdict }) => verdict,
    )
    expect(new Set(verdicts)).toEqual(new Set(['inconclusive']))
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'a metric of %f is no value',
    (outputTokens) => {
      const odd: Draw = (id) => ({
        score: 1,
        metrics: id === 'guard-1' ? { outputTokens } : { outputTokens: 100 },
      })
      expect(judgeTest(material({ candidate: odd })).evidence[2]).toMatchObject({
        verdict: 'inconclusive',
        n: 66,
      })
    },
  )

  test('a metric that the agent does not report proves nothing', () => {
    const silent: Draw = (id) => ({ ...broken(id, 0), metrics: { outputTokens: 0 } })
    const judgement = judgeTest(material({ baseline: silent, candidate: silent }))
    expect(judgement.evidence[2]).toMatchObject({ verdict: 'inconclusive', effect: null })
    expect(judgement.evidence[2]?.reasons[0]).toContain('not positive')
  })
})

test('a declared metric is taken as better when it is more, unless the policy says otherwise', () => {
  const verdict = (better?: 'less' | 'more') => {
    const rules = policy.parse({
      test: { guardrails: [{ metric: 'helpfulness', margin: 0.3, better }] },
    })
    const before: Draw = (id) => ({ ...broken(id, 0), metrics: { helpfulness: 1 } })
    const after: Draw = () => ({ score: 1, metrics: { helpfulness: 2 } })
    return judgeTest(material({ baseline: before, candidate: after }, { rules })).evidence[2]
      ?.verdict
  }
  expect(verdict()).toBe('superior')
  expect(verdict('less')).toBe('inferior')
})

test('tasks of one group are one observation', () => {
  const loses: Draw = (id) => ({ score: id === 'guard-0' ? 0 : 1 })
  const grouped = tasksOf(62).map((one) =>
    /guard-[0-3]$/.test(one.id) ? { ...one, group: 'g' } : one,
  )
  const part = judgeTest(material({ candidate: loses }, { tasks: grouped })).evidence[1]
  expect(part).toMatchObject({ n: 59 })
  expect(part?.effect).toBeCloseTo(-0.25 / 59, 12)
})

test('swapping the arms turns the effect around', () => {
  const given = material({ candidate: (id) => ({ score: id < 'guard-4' ? 0 : 1 }) })
  const forth = judgeTest(given).evidence[1]
  const back = judgeTest({ ...given, baseline: given.candidate, candidate: given.baseline })
    .evidence[1]
  expect(back?.effect).toBeCloseTo(-(forth?.effect ?? 0), 12)
  expect(back?.interval[0]).toBeCloseTo(-(forth?.interval[1] ?? 0), 8)
})

test('of two equal noisy arms hardly any pair is promoted', () => {
  const trials = 300
  const random = seededRandom('a/a')
  const noisy: Draw = (id) => ({ score: Number(random() < (isTarget(id) ? 0.4 : 0.95)) })
  let promoted = 0
  for (let trial = 0; trial < trials; trial += 1)
    if (judgeTest(material({ baseline: noisy, candidate: noisy })).passed) promoted += 1
  expect(promoted / trials).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials))
})
