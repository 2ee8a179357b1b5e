import { afterEach, describe, expect, test } from 'vitest'
import { startController } from '../../controller/main.ts'
import type { Role } from '../../pipeline/service-runtime/role.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import { aDiagnosis } from '../support/a-search.ts'
import { aCluster, aRanking, aShop, type PolicyInput, type ShopFolder } from '../support/a-shop.ts'
import {
  appendEvent,
  eventually,
  finishedOnce,
  giveCommand,
  publishRanking,
  readCycleEvents,
  readDeadLetters,
  readDecisions,
  readEvaluations,
} from '../support/controller-topics.ts'
import { openTestContext, type TestContext } from '../support/open-test-context.ts'
import { aReview, aRollBack } from '../support/specify-cycle.ts'

let shop: ShopFolder
let context: TestContext
let controller: Role

const open = async (policy: PolicyInput = {}): Promise<void> => {
  shop = aShop(policy)
  context = await openTestContext({ configuration: shop.configuration })
  controller = await startController(context)
}

afterEach(async () => {
  await controller.stop()
  await context.close()
  shop.remove()
})

const decisionsOnce = (n: number): Promise<readonly DeploymentDecision[]> =>
  eventually(async () => {
    const found = await readDecisions(context.log)
    return found.length >= n && found
  })

const judge = (
  { toVersion, causation }: DeploymentDecision,
  verdict: 'step' | 'promote' | 'rollback',
  weight: number,
): Promise<void> =>
  appendEvent(context.log, {
    type: 'release-judged',
    cycleId: causation.cycleId ?? '',
    agent: 'shop',
    at: new Date().toISOString(),
    digest: toVersion,
    verdict,
    weight,
    evidence: [],
    reason: 'as production shows',
  })

const last = <Item>(items: readonly Item[]): Item => items.at(-1) as Item

test('a tempting change is turned down, a narrower one goes out in shares, is promoted, falls and is taken back', async () => {
  await open()
  await publishRanking(context.log, aRanking())
  await judge(last(await decisionsOnce(2)), 'step', 0.2)
  await judge(last(await decisionsOnce(3)), 'promote', 0.5)
  const decisions = await decisionsOnce(4)
  expect(last(await finishedOnce(context.log, 1))).toMatchObject({ outcome: 'Deployed' })
  await judge(last(decisions), 'rollback', 1)
  expect(last(await finishedOnce(context.log, 2))).toMatchObject({ outcome: 'RolledBack' })
  const all = await decisionsOnce(5)
  expect(all.map(({ decision }) => decision)).toEqual([
    'reject',
    'canary',
    'canary',
    'promote',
    'rollback',
  ])
  const [reject, canary] = all
  expect(reject?.evidence.map(({ role, metric, verdict }) => [role, metric, verdict])).toEqual([
    ['target', 'success', 'superior'],
    ['guardrail', 'success', 'inferior'],
    ['guardrail', 'outputTokens', 'non-inferior'],
  ])
  expect(canary?.evidence.map(({ verdict }) => verdict)).toEqual([
    'superior',
    'non-inferior',
    'non-inferior',
  ])
  expect(last(all)).toMatchObject({
    fromVersion: canary?.toVersion,
    toVersion: canary?.fromVersion,
  })
  const evaluations = await readEvaluations(context.log)
  expect(new Set(evaluations.map(({ id }) => id)).size).toBe(evaluations.length)
  const sealed = evaluations.filter(
    ({ stage, split }) => stage === 'search' && split === 'regression',
  )
  expect(sealed).toEqual([])
})

test('the listings hold what the topics say', async () => {
  await open({ release: { canary: false } })
  await publishRanking(context.log, aRanking())
  await finishedOnce(context.log, 1)
  const [cycle] = await eventually(async () => {
    const rows = await context.store.query<{ Body: string; Outcome: string }>(
      `SELECT Body, Outcome FROM neosigma_cycles FINAL WHERE JSONExtractString(Body, 'stage') = 'finished'`,
    )
    return rows.length > 0 && rows
  })
  const body = JSON.parse(cycle?.Body ?? '{}')
  expect(body).toMatchObject({
    id: 'shop-1',
    agent: 'shop',
    clusterId: 'cluster-1',
    outcome: 'Deployed',
    stage: 'finished',
    candidates: [{ outcome: 'rejected' }, { outcome: 'passed' }],
  })
  expect(body.evidence).toEqual(body.candidates[1].evidence)
  const decisions = await readDecisions(context.log)
  const evaluations = await readEvaluations(context.log)
  await eventually(async () => {
    const [counts] = await context.store.query<{ decisions: string; evaluations: string }>(
      `SELECT (SELECT count() FROM neosigma_decisions FINAL) AS decisions,
        (SELECT count() FROM neosigma_evaluations FINAL) AS evaluations`,
    )
    const { length } = evaluations
    return counts?.decisions === String(decisions.length) && counts.evaluations === String(length)
  })
})

describe('a person', () => {
  test('approves, and the candidate goes out; what was settled cannot be reviewed again', async () => {
    await open({ gate: { autoDeployUpTo: 'none' } })
    await publishRanking(context.log, aRanking())
    const pending = last(await decisionsOnce(2))
    expect(pending.decision).toBe('pending-review')
    await giveCommand(context.log, aReview(pending.id, true))
    expect(last(await decisionsOnce(3))).toMatchObject({ decision: 'canary', approver: 'kim' })
    await giveCommand(context.log, aReview(pending.id, true))
    await giveCommand(context.log, aReview(pending.id, false, { id: 'too-late' }))
    await giveCommand(context.log, aReview('sha256:nothing', false, { id: 'of-nothing' }))
    const letters = await eventually(async () => {
      const found = await readDeadLetters(context.log)
      return found.length >= 2 && found
    })
    expect(letters.map(({ code }) => code)).toEqual(['decision-not-open', 'not-found'])
    expect((await readDecisions(context.log)).length).toBe(3)
  })

  test('rejects, and the cycle ends', async () => {
    await open({ gate: { autoDeployUpTo: 'none' } })
    await publishRanking(context.log, aRanking())
    const pending = last(await decisionsOnce(2))
    await giveCommand(context.log, aReview(pending.id, false, { comment: 'not now' }))
    expect(last(await finishedOnce(context.log, 1))).toMatchObject({
      outcome: 'Rejected',
      reason: 'rejected by kim: not now',
    })
    expect(last(await decisionsOnce(3))).toMatchObject({ decision: 'reject', approver: 'kim' })
  })

  test('lets the time run out, and the cycle ends', async () => {
    await open({ gate: { autoDeployUpTo: 'none', approvalHours: 0.0001 } })
    await publishRanking(context.log, aRanking())
    expect(last(await finishedOnce(context.log, 1))).toMatchObject({
      outcome: 'Rejected',
      reason: expect.stringContaining('approval-expired'),
    })
  })

  test('rolls a canary back, once however often the command comes', async () => {
    await open()
    await publishRanking(context.log, aRanking())
    const canary = last(await decisionsOnce(2))
    await giveCommand(context.log, aRollBack())
    await giveCommand(context.log, aRollBack())
    expect(last(await finishedOnce(context.log, 1))).toMatchObject({ outcome: 'RolledBack' })
    await giveCommand(context.log, aRollBack({ id: 'again', to: 'sha256:unheard' }))
    await eventually(async () => (await readDeadLetters(context.log)).length === 1)
    expect((await readDecisions(context.log)).slice(2)).toMatchObject([
      { decision: 'rollback', fromVersion: canary.toVersion, approver: 'kim' },
    ])
  })

  test('rolls back while a search is going on: the work is dropped and the cycle ends', async () => {
    await open({ release: { canary: false } })
    await publishRanking(context.log, aRanking())
    await finishedOnce(context.log, 1)
    shop.fault('hang')
    await publishRanking(context.log, aRanking([aCluster({ id: 'cluster-2' })]))
    await eventually(async () =>
      (await readCycleEvents(context.log)).some(
        ({ type, cycleId }) => type === 'search-started' && cycleId === 'shop-2',
      ),
    )
    await giveCommand(context.log, aRollBack())
    const ends = await finishedOnce(context.log, 3)
    expect(ends.slice(1)).toMatchObject([
      { cycleId: 'shop-1', outcome: 'RolledBack' },
      {
        cycleId: 'shop-2',
        outcome: 'NoChange',
        reason: expect.stringContaining('baseline-changed'),
      },
    ])
  })
})

test('causes that the loop cannot change give way to the next cluster', async () => {
  await open({ release: { canary: false } })
  const unknown = aCluster({ id: 'odd', diagnosis: aDiagnosis({ rootCauseType: 'model' }) })
  await publishRanking(context.log, aRanking([unknown, aCluster({ rank: 2 })]))
  const ends = await finishedOnce(context.log, 2)
  expect(ends).toMatchObject([
    { cycleId: 'shop-1', outcome: 'NoChange', reason: expect.stringContaining('root-cause-model') },
    { cycleId: 'shop-2', outcome: 'Deployed' },
  ])
})

test('of two controllers one acts; when it stops the other goes on from the log', async () => {
  await open()
  const other = await startController(context)
  await publishRanking(context.log, aRanking())
  await decisionsOnce(1)
  await controller.stop()
  await judge(last(await decisionsOnce(2)), 'step', 0.2)
  await judge(last(await decisionsOnce(3)), 'promote', 0.5)
  expect(last(await finishedOnce(context.log, 1))).toMatchObject({ outcome: 'Deployed' })
  const decisions = await decisionsOnce(4)
  expect(decisions.map(({ decision }) => decision)).toEqual([
    'reject',
    'canary',
    'canary',
    'promote',
  ])
  const evaluations = await readEvaluations(context.log)
  expect(new Set(evaluations.map(({ id }) => id)).size).toBe(evaluations.length)
  await other.stop()
})

test('a paused controller begins nothing, and still takes back what harms', async () => {
  await open({ release: { canary: false } })
  await publishRanking(context.log, aRanking())
  await finishedOnce(context.log, 1)
  await controller.stop()
  const { configuration } = context
  const paused = { ...configuration, controller: { ...configuration.controller, enabled: false } }
  controller = await startController({ ...context, configuration: paused })
  await publishRanking(context.log, aRanking([aCluster({ id: 'cluster-2' })]))
  await judge(last(await decisionsOnce(2)), 'rollback', 1)
  expect(last(await decisionsOnce(3))).toMatchObject({ decision: 'rollback' })
  await finishedOnce(context.log, 2)
  const cycles = (await readCycleEvents(context.log)).map(({ cycleId }) => cycleId)
  expect(new Set(cycles)).toEqual(new Set(['shop-1']))
})

test('the cap on agent runs holds, and a cycle that reaches it ends with the reason', async () => {
  await open({ search: { maxAgentRuns: 170 }, test: { maxRegressionRetries: 5 } })
  await publishRanking(context.log, aRanking())
  const [end] = await finishedOnce(context.log, 1)
  expect(end).toMatchObject({ outcome: 'Rejected', reason: expect.stringContaining('budget') })
  const evaluations = await readEvaluations(context.log)
  const runs = evaluations.reduce((sum, { metrics }) => sum + (metrics['attempts'] ?? 1), 0)
  expect(runs).toBeLessThanOrEqual(170)
})
