import jsonPatch from 'fast-json-patch'
import { expect, test } from 'vitest'
import { deploymentDecision } from '../../../schemas/decision.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'

const first = aVersion('one')
const second = aVersion('two')

test('the same decision made later is the same decision', () => {
  const now = aDecision('promote', second, { from: first })
  const later = aDecision('promote', second, { from: first, at: '2027-01-01T00:00:00.000Z' })
  expect(later.id).toBe(now.id)
  expect(later.idempotencyKey).toBe(now.idempotencyKey)
})

test.each([
  ['kind', aDecision('canary', second)],
  ['version', aDecision('promote', first)],
  ['step', aDecision('promote', second, { step: 1 })],
  ['cause', aDecision('promote', second, { cause: 'cycle-2' })],
  ['agent', aDecision('promote', second, { agent: 'other' })],
])('another %s is another decision', (_what, other) => {
  const decision = aDecision('promote', second)
  expect(other.id).not.toBe(decision.id)
  expect(other.idempotencyKey).not.toBe(decision.idempotencyKey)
})

test('it follows its schema, and its patch leads from the old version to the new', () => {
  const decision = aDecision('promote', second, { from: first })
  expect(deploymentDecision.parse(decision)).toEqual(decision)
  const start = structuredClone(first.config)
  expect(jsonPatch.applyPatch(start, decision.patch as jsonPatch.Operation[]).newDocument).toEqual(
    second.config,
  )
})

test('a version that comes from nowhere has no patch', () => {
  expect(aDecision('promote', second)).toMatchObject({ fromVersion: null, patch: [] })
})
