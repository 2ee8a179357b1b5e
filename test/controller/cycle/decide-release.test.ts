import { describe, expect, test } from 'vitest'
import type { CycleEvent } from '../../../schemas/cycle-event.ts'
import { policy } from '../../../schemas/policy.ts'
import { aCluster } from '../../support/a-shop.ts'
import {
  aReview,
  aRollBack,
  candidateConfig,
  candidateDigest,
  candidateTested,
  given,
  told,
} from '../../support/specify-cycle.ts'

const prepared = [told.started(), told.prepared()]
const ask = policy.parse({ test: { margin: 0.1 }, gate: { autoDeployUpTo: 'none' } })
const eventsOf = (answer: object): readonly CycleEvent[] =>
  'events' in answer ? (answer.events as readonly CycleEvent[]) : []
const lastDecision = (story: ReturnType<typeof given>) => story.agent().decisions.at(-1)

describe('a candidate that passes', () => {
  const passed = given(...prepared, candidateTested('narrow', true))

  test('goes to a first share of the sessions, then to more, then to all', () => {
    const canary = passed
      .when()
      .thenEmits({ verdict: 'canary' })
      .when()
      .thenDecides('canary', { canary: { weight: 0.2, salt: 'shop-1' } })
    canary.when().thenWaitsFor('production')
    const wider = given(...canary.events, told.judged('narrow', 'step', 0.2))
      .when()
      .thenDecides('canary', { canary: { weight: 0.5, salt: 'shop-1' } })
    given(...wider.events, told.judged('narrow', 'promote', 0.5))
      .when()
      .thenDecides('promote', { toVersion: candidateDigest('narrow') })
      .when()
      .thenEmits({ type: 'cycle-finished', outcome: 'Deployed' })
  })

  test('carries the evidence of its test and of production', () => {
    const story = given(...passed.settled().events, told.judged('narrow', 'step', 0.2)).settled()
    expect(lastDecision(story)?.evidence.map(({ role }) => role)).toEqual([
      'target',
      'guardrail',
      'production',
    ])
  })

  test('is promoted at once where the policy has no canary', () => {
    const noCanary = policy.parse({ test: { margin: 0.1 }, release: { canary: false } })
    const story = passed.settled({ policy: noCanary })
    expect(lastDecision(story)).toMatchObject({ decision: 'promote' })
    expect(story.events.at(-1)).toMatchObject({ outcome: 'Deployed' })
  })

  test('is taken back when its canary does harm', () => {
    const story = given(...passed.settled().events, told.judged('narrow', 'rollback', 0.2))
      .when()
      .thenDecides('rollback', { fromVersion: candidateDigest('narrow') })
      .when()
      .thenEmits({ type: 'cycle-finished', outcome: 'RolledBack' })
    story.when({ hours: 1 }).thenWaitsFor('no cluster to repair')
  })

  test('is judged only at the share at which it runs', () => {
    const wider = given(...passed.settled().events, told.judged('narrow', 'step', 0.2)).settled()
    given(...wider.events, told.judged('narrow', 'step', 0.2))
      .when()
      .thenWaitsFor('production')
  })

  test('waits for a person when production says neither yes nor no', () => {
    const held = given(...passed.settled().events, told.judged('narrow', 'hold', 0.2))
      .when()
      .thenDecides('hold')
    held.when({ hours: 1000 }).thenWaitsFor('production')
    const id = lastDecision(held)?.id ?? ''
    given(...held.events, ...eventsOf(held.command(aReview(id, true))))
      .when()
      .thenDecides('promote')
    given(...held.events, ...eventsOf(held.command(aReview(id, false))))
      .when()
      .thenDecides('rollback')
  })

  test('that falls after its promotion is taken back, and its cycle ends as rolled back', () => {
    const canary = given(...passed.settled().events, told.judged('narrow', 'step', 0.2)).settled()
    const deployed = given(...canary.events, told.judged('narrow', 'promote', 0.5)).settled()
    expect(deployed.agent().cycles[0]?.outcome).toBe('Deployed')
    const back = given(...deployed.events, told.judged('narrow', 'rollback', 1))
      .when()
      .thenDecides('rollback', { fromVersion: candidateDigest('narrow') })
      .settled()
    expect(back.agent().cycles[0]).toMatchObject({ stage: 'finished', outcome: 'RolledBack' })
  })
})

describe('a review', () => {
  const waiting = given(...prepared, candidateTested('narrow', true)).settled({ policy: ask })
  const id = lastDecision(waiting)?.id ?? ''

  test('is asked for above the risk that is released without a person', () => {
    expect(lastDecision(waiting)).toMatchObject({
      decision: 'pending-review',
      expiresAt: '2026-01-04T12:00:00.000Z',
    })
    expect(waiting.agent().cycles[0]?.outcome).toBe('PendingReview')
    waiting.when({ policy: ask }).thenWaitsFor('review')
  })

  test('that approves releases the candidate in the name of the reviewer', () => {
    given(...waiting.events, ...eventsOf(waiting.command(aReview(id, true))))
      .when({ policy: ask })
      .thenDecides('canary', { approver: 'kim' })
  })

  test('that rejects ends the cycle', () => {
    const story = given(
      ...waiting.events,
      ...eventsOf(waiting.command(aReview(id, false))),
    ).settled()
    expect(lastDecision(story)).toMatchObject({ decision: 'reject', approver: 'kim' })
    expect(story.events.at(-1)).toMatchObject({ outcome: 'Rejected' })
  })

  test('that nobody gives in time ends the cycle, and the candidate may be proposed again', () => {
    const story = waiting.settled({ policy: ask, hours: 73 })
    expect(lastDecision(story)).toMatchObject({
      decision: 'reject',
      reason: expect.stringContaining('approval-expired'),
    })
    expect(story.events.at(-1)).toMatchObject({ outcome: 'Rejected' })
    expect(story.agent().rejected.size).toBe(0)
  })

  test('is carried out once, and not of what is unknown, settled or expired', () => {
    const given1 = waiting.command(aReview(id, true))
    const after = given(...waiting.events, ...eventsOf(given1)).settled({ policy: ask })
    expect(after.command(aReview(id, true))).toEqual({ type: 'known' })
    expect(after.command(aReview(id, true, { id: 'other' }))).toMatchObject({
      code: 'decision-not-open',
    })
    expect(waiting.command(aReview('nothing', true))).toMatchObject({ code: 'not-found' })
    expect(waiting.command(aReview(id, true), { hours: 73 })).toMatchObject({
      code: 'decision-not-open',
    })
  })
})

describe('a roll-back by a person', () => {
  const canary = given(...prepared, candidateTested('narrow', true)).settled()
  const deployed = given(
    ...given(...canary.events, told.judged('narrow', 'step', 0.2)).settled().events,
    told.judged('narrow', 'promote', 0.5),
  ).settled()

  test('ends a canary', () => {
    const answer = canary.command(aRollBack())
    const story = given(...canary.events, ...eventsOf(answer)).settled()
    expect(lastDecision(story)).toMatchObject({ decision: 'rollback', approver: 'kim' })
    expect(story.agent().cycles[0]?.outcome).toBe('RolledBack')
    expect(story.command(aRollBack())).toEqual({ type: 'known' })
  })

  test('takes a promoted version back to the one before it', () => {
    const story = given(...deployed.events, ...eventsOf(deployed.command(aRollBack()))).settled()
    expect(lastDecision(story)).toMatchObject({
      decision: 'rollback',
      fromVersion: candidateDigest('narrow'),
    })
    expect(story.agent().cycles[0]?.outcome).toBe('RolledBack')
  })

  test('ends a cycle whose baseline it takes away', () => {
    const clusters = [aCluster({ id: 'cluster-2' })]
    const second = deployed.when({ clusters }).thenEmits({ cycleId: 'shop-2' })
    given(...second.events, ...eventsOf(deployed.command(aRollBack())))
      .when({ clusters })
      .thenEmits({ type: 'cycle-finished', cycleId: 'shop-1', outcome: 'RolledBack' })
      .when({ clusters })
      .thenEmits({
        type: 'cycle-finished',
        cycleId: 'shop-2',
        outcome: 'NoChange',
        reason: expect.stringContaining('baseline-changed'),
        coolDownUntil: null,
      })
  })

  test('is refused where there is nothing to go back to', () => {
    expect(given(...prepared).command(aRollBack())).toMatchObject({ code: 'not-found' })
    expect(deployed.command(aRollBack({ to: candidateDigest('unheard') }))).toMatchObject({
      code: 'not-found',
    })
    expect(deployed.command(aRollBack({ to: candidateDigest('narrow') }))).toMatchObject({
      code: 'argument-invalid',
    })
  })
})

test('a second controller that answers the same state is passed over', () => {
  const story = given(...prepared, candidateTested('narrow', true)).settled()
  const late = [told.started(aCluster(), 'shop-1-b'), told.searching(0), told.searched(null)]
  const canary = story.events.findLast(({ type }) => type === 'decision-made')
  expect(given(...story.events, ...late, ...(canary ? [canary] : [])).agent()).toEqual(
    story.agent(),
  )
})

test('work that a second controller gives up does not end what is in production', () => {
  const story = given(...prepared, candidateTested('narrow', true)).settled()
  const [started] = prepared
  const late: CycleEvent = {
    cycleId: 'shop-1',
    agent: 'shop',
    at: started?.at ?? '',
    type: 'cycle-finished',
    outcome: 'NoChange',
    reason: 'agent-unavailable',
    coolDownUntil: null,
  }
  expect(given(...story.events, late).agent()).toEqual(story.agent())
})

test('a canary is ended when somebody edits what runs beside it', () => {
  const start = candidateConfig('edited')
  const story = given(...prepared, candidateTested('narrow', true)).settled()
  story
    .when({ start })
    .thenDecides('rollback', {
      fromVersion: candidateDigest('narrow'),
      toVersion: candidateDigest('edited'),
    })
    .when({ start })
    .thenEmits({ type: 'cycle-finished', outcome: 'RolledBack' })
  given(...prepared)
    .when({ start })
    .thenEmits({ outcome: 'NoChange', reason: expect.stringContaining('baseline-changed') })
})
