import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAgentRunner } from '../../../controller/agent-runner/open-agent-runner.ts'
import {
  type EvaluationRequest,
  evaluateTasks,
  type PlannedRun,
} from '../../../controller/evaluation/evaluate-tasks.ts'
import { openEvaluationLedger } from '../../../controller/evaluation/evaluation-ledger.ts'
import { type RunBudget, runBudget } from '../../../controller/evaluation/run-budget.ts'
import { agentConfig, configDigest } from '../../../schemas/agent-config.ts'
import { type Task, task } from '../../../schemas/task.ts'
import { openTestContext, type TestContext } from '../../support/open-test-context.ts'
import { skippingClock } from '../../support/skipping-clock.ts'

const AGENT = 'test/controller/evaluation/fixtures/answering-agent.mjs'
let context: TestContext
beforeAll(async () => {
  context = await openTestContext()
})
afterAll(() => context.close())

const armOf = (text: string) => {
  const config = agentConfig.parse({ skills: [{ id: 's', text }] })
  return { digest: configDigest(config), config }
}
const BASELINE = armOf('before')
const CANDIDATE = armOf('after')

/** A cycle of its own with a file in which the agent notes its runs. */
const aCycle = (cycleId: string) => {
  const notes = join(context.folder, `${cycleId}.txt`)
  writeFileSync(notes, '')
  const planned = (id: string, what: string, rest: Partial<Task> = {}): PlannedRun => ({
    task: task.parse({
      id,
      input: [what, notes],
      scorers: [{ type: 'exact', value: 'yes' }],
      split: 'regression',
      ...rest,
    }),
    arm: CANDIDATE,
    replicate: 0,
  })
  const request: EvaluationRequest = {
    agent: 'desk',
    cycleId,
    cycleSeed: 1,
    stage: 'test',
    epoch: 'e1',
    concurrency: 2,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  }
  /** As after a start: the ledger is read from the log. */
  const evaluate = async (runs: readonly PlannedRun[], budget: RunBudget = runBudget(100)) => {
    const runner = await openAgentRunner(`module:${AGENT}`)
    const ledger = await openEvaluationLedger(context.log, cycleId)
    try {
      const services = { ...context, clock: skippingClock(), runner, ledger, budget }
      return { outcome: await evaluateTasks(services, request, runs), spent: ledger.spentRuns() }
    } finally {
      await runner.close()
    }
  }
  const runsMade = (): readonly string[] => readFileSync(notes, 'utf8').split('\n').slice(0, -1)
  return { planned, evaluate, runsMade, request }
}

describe('an evaluation', () => {
  test('scores every run, in the order that was asked for', async () => {
    const { planned, evaluate } = aCycle('order')
    const { outcome } = await evaluate([
      planned('a', 'yes'),
      planned('b', 'no'),
      planned('c', 'crash'),
    ])
    expect(outcome).toMatchObject({
      kind: 'evaluated',
      evaluations: [
        { taskId: 'a', status: 'ok', score: 1, passed: true, metrics: { outputTokens: 7 } },
        { taskId: 'b', status: 'ok', score: 0, passed: false },
        { taskId: 'c', status: 'agent_error', score: 0, passed: false },
      ],
    })
  })

  test('that is in the ledger is never run again, not after a restart either', async () => {
    const { planned, evaluate, runsMade } = aCycle('once')
    const first = await evaluate([planned('a', 'yes')])
    const second = await evaluate([planned('a', 'yes'), planned('b', 'yes')])
    expect(runsMade()).toHaveLength(2)
    expect(second.spent).toBe(2)
    expect(second.outcome).toMatchObject({ kind: 'evaluated' })
    if (first.outcome.kind === 'evaluated' && second.outcome.kind === 'evaluated')
      expect(second.outcome.evaluations[0]).toEqual(first.outcome.evaluations[0])
  })

  test('of equal task and replicate has an equal seed in both arms, of another replicate another', async () => {
    const { planned, evaluate, runsMade } = aCycle('seeds')
    const run = planned('a', 'yes')
    await evaluate([run, { ...run, arm: BASELINE }, { ...run, replicate: 1 }])
    const seeds = runsMade().map((line) => line.split(' ')[2])
    expect(seeds).toHaveLength(3)
    expect(new Set(seeds).size).toBe(2)
  })
})

describe('the budget', () => {
  test('holds all that is new, or nothing is run', async () => {
    const { planned, evaluate, runsMade } = aCycle('budget')
    const runs = [planned('a', 'yes'), planned('b', 'yes')]
    expect((await evaluate(runs, runBudget(1))).outcome).toEqual({
      kind: 'over-budget',
      needed: 2,
      left: 1,
    })
    expect(runsMade()).toEqual([])
  })

  test('pays for what is known nothing, for every further attempt a run', async () => {
    const { planned, evaluate } = aCycle('attempts')
    const budget = runBudget(3)
    await evaluate([planned('a', 'yes')], budget)
    await evaluate([planned('a', 'yes')], budget)
    expect(budget.left()).toBe(2)
    const { outcome, spent } = await evaluate([planned('b', 'down once')], budget)
    expect(outcome).toMatchObject({ evaluations: [{ status: 'ok', metrics: { attempts: 2 } }] })
    expect([budget.left(), spent]).toEqual([0, 3])
  })

  test('is never overshot by attempts', async () => {
    const { planned, evaluate, runsMade } = aCycle('cap')
    await evaluate([planned('a', 'down')], runBudget(2))
    expect(runsMade()).toHaveLength(2)
  })
})

describe('an agent that is not reached', () => {
  test('is tried three times and never scored', async () => {
    const { planned, evaluate, runsMade } = aCycle('infra')
    const { outcome } = await evaluate([planned('a', 'down')])
    expect(runsMade()).toHaveLength(3)
    expect(outcome).toMatchObject({
      evaluations: [{ status: 'infra_error', score: null, passed: null }],
    })
  })
})

describe('a sealed split', () => {
  test.each([
    ['search', 'regression'],
    ['search', 'anchor'],
    ['test', 'fix'],
    ['test', 'holdout'],
    ['control', 'fix'],
    ['anchor', 'regression'],
    ['verify', 'anchor'],
  ] as const)('%s may not see %s', async (stage, split) => {
    const { planned, request, runsMade } = aCycle(`sealed-${stage}-${split}`)
    const runner = await openAgentRunner(`module:${AGENT}`)
    const ledger = await openEvaluationLedger(context.log, request.cycleId)
    const services = { ...context, runner, ledger, budget: runBudget(10) }
    await expect(
      evaluateTasks(services, { ...request, stage }, [planned('a', 'yes', { split })]),
    ).rejects.toMatchObject({ code: 'split-forbidden' })
    expect(runsMade()).toEqual([])
    await runner.close()
  })
})
