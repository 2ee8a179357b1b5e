import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  applyDecision,
  liveConfiguration,
  startConfiguration,
} from '../../../controller/release/live-configuration.ts'
import type { DeploymentDecision } from '../../../schemas/decision.ts'
import { aDecision, aVersion } from '../../support/a-decision.ts'

const first = aVersion('one')
const second = aVersion('two')
const third = aVersion('three')
const share = { weight: 0.2, salt: 's' }
const canaryOf = (to = second, weight = 0.2) =>
  aDecision('canary', to, { from: first, canary: { weight, salt: 's' }, step: weight })

const digests = (decisions: readonly DeploymentDecision[]) => {
  const { stable, canary, history } = liveConfiguration(first.config, decisions)
  return {
    stable: stable.digest,
    canary: canary?.digest ?? null,
    history: history.map((v) => v.digest),
  }
}

test('an agent begins with the configuration of its file', () => {
  expect(digests([])).toEqual({ stable: first.digest, canary: null, history: [] })
})

test('a canary runs beside the stable version, and its weight grows', () => {
  const live = liveConfiguration(first.config, [canaryOf(), canaryOf(second, 0.5)])
  expect(live.stable.digest).toBe(first.digest)
  expect(live.canary).toEqual({ ...second, ...share, weight: 0.5 })
})

test('a promotion makes it stable, and the way back leads to the version before', () => {
  const promoted = [canaryOf(), aDecision('promote', second)]
  expect(digests(promoted)).toEqual({
    stable: second.digest,
    canary: null,
    history: [first.digest],
  })
  const back = [...promoted, aDecision('rollback', first, { from: second })]
  expect(digests(back)).toEqual({ stable: first.digest, canary: null, history: [] })
})

test('a roll-back during a canary ends the canary and leaves the stable version', () => {
  const decisions = [canaryOf(), aDecision('rollback', first, { from: second })]
  expect(digests(decisions)).toEqual({ stable: first.digest, canary: null, history: [] })
})

test('rejecting, holding and asking change nothing of another version', () => {
  for (const kind of ['reject', 'hold', 'pending-review'] as const)
    expect(digests([canaryOf(), aDecision(kind, third)]).canary).toBe(second.digest)
  expect(digests([canaryOf(), aDecision('reject', second)]).canary).toBeNull()
})

test('a version comes from the past when the decision does not carry it, and else is passed over', () => {
  const bare = (decision: DeploymentDecision): DeploymentDecision => ({
    ...decision,
    artifact: { digest: decision.toVersion },
  })
  expect(digests([canaryOf(), bare(aDecision('promote', second))]).stable).toBe(second.digest)
  expect(digests([bare(aDecision('promote', third))]).stable).toBe(first.digest)
})

test('a configuration under a false digest is not run', () => {
  const forged = {
    ...aDecision('promote', second),
    artifact: { digest: second.digest, config: third.config },
  }
  expect(digests([forged]).stable).toBe(first.digest)
})

test('a decision repeated changes nothing', () => {
  const decision = fc.constantFrom(
    canaryOf(),
    canaryOf(third),
    aDecision('promote', second),
    aDecision('promote', third),
    aDecision('rollback', first),
    aDecision('hold', second),
  )
  fc.assert(
    fc.property(fc.array(decision), decision, (before, last) => {
      const live = applyDecision(
        before.reduce(applyDecision, startConfiguration(first.config)),
        last,
      )
      expect(applyDecision(live, last)).toEqual(live)
    }),
  )
})
