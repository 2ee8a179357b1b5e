import { expect, test } from 'vitest'
import { judgementKey, watchAfter } from '../../../controller/monitor/release-watch.ts'
import type { DeploymentDecision } from '../../../schemas/decision.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'

const old = aVersion('old')
const fresh = aVersion('new')
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const ms = (minute: number) => Date.parse(at(minute))

const canary = (weight: number, minute: number) =>
  aDecision('canary', fresh, {
    from: old,
    canary: { weight, salt: 's' },
    step: weight,
    at: at(minute),
  })
const promotion = (minute: number) => aDecision('promote', fresh, { from: old, at: at(minute) })
const after = (...decisions: readonly DeploymentDecision[]) =>
  decisions.reduce(
    (watch, decision) => watchAfter(watch, decision),
    null as ReturnType<typeof watchAfter>,
  )

test('a canary is watched against the version it stands beside', () => {
  expect(after(canary(0.2, 1))).toEqual({
    agent: 'support',
    cycleId: 'cycle-1',
    phase: 'canary',
    version: fresh.digest,
    baseline: old.digest,
    weight: 0.2,
    sinceMs: ms(1),
    stepSinceMs: ms(1),
  })
})

test('a larger share goes on with the runs of the whole canary', () => {
  expect(after(canary(0.2, 1), canary(0.5, 9))).toMatchObject({
    weight: 0.5,
    sinceMs: ms(1),
    stepSinceMs: ms(9),
  })
})

test('a promotion is watched from the promotion on', () => {
  expect(after(canary(0.2, 1), promotion(9))).toMatchObject({
    phase: 'monitoring',
    weight: 1,
    baseline: old.digest,
    sinceMs: ms(1),
    stepSinceMs: ms(9),
  })
  expect(after(promotion(3))).toMatchObject({ phase: 'monitoring', sinceMs: ms(3) })
})

test('a decision repeated later does not begin its step anew', () => {
  expect(after(canary(0.2, 1), canary(0.2, 30))?.stepSinceMs).toBe(ms(1))
})

test('a roll-back or a rejection ends the watch, holding does not', () => {
  expect(after(canary(0.2, 1), aDecision('rollback', old, { from: fresh }))).toBeNull()
  expect(after(canary(0.2, 1), aDecision('reject', fresh))).toBeNull()
  expect(after(canary(0.2, 1), aDecision('reject', old))).not.toBeNull()
  expect(after(canary(0.2, 1), aDecision('hold', fresh))).not.toBeNull()
})

test('what no cycle made, or what replaces nothing, cannot be judged', () => {
  expect(after(aDecision('promote', fresh, { from: old, cycleId: null }))).toBeNull()
  expect(after(aDecision('promote', fresh, { from: null }))).toBeNull()
})

test('each share of a release has a judgement of its own', () => {
  const keys = [0.2, 0.5, 1].map((weight) => judgementKey('c', fresh.digest, weight))
  expect(new Set(keys).size).toBe(3)
})
