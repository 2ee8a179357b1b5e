import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decideGate,
  type GateFacts,
  PERSISTENT_REGRESSION,
} from '../../../controller/deployment-gate/decide-gate.ts'
import { policy } from '../../../schemas/policy.ts'

const NOW = Date.parse('2026-03-10T12:00:00Z')
const hoursAgo = (hours: number) => ({ at: new Date(NOW - hours * 3_600_000).toISOString() })

const facts = (overrides: Partial<GateFacts> = {}): GateFacts => ({
  policy: policy.parse({}),
  risk: { level: 'low', score: 0.1, reasons: [] },
  diffChars: 100,
  judgement: { passed: true, reasons: [] },
  recentChanges: [],
  retriesUsed: 0,
  nowMs: NOW,
  ...overrides,
})

describe('a candidate without a proof', () => {
  const open = { passed: false, reasons: ['guardrail success: inconclusive'] }

  test('goes back to the search while retries are left, and then is given up for good', () => {
    expect(decideGate(facts({ judgement: open, retriesUsed: 1 })).verdict).toBe('retry')
    const last = decideGate(facts({ judgement: open, retriesUsed: 2 }))
    expect(last.verdict).toBe('reject')
    expect(last.reasons).toEqual([PERSISTENT_REGRESSION, ...open.reasons])
  })

  test('never ships, whatever the policy allows', () => {
    const anyFacts = fc.record({
      risk: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
      canary: fc.boolean(),
      retriesUsed: fc.nat(5),
      maxRegressionRetries: fc.nat(5),
    })
    fc.assert(
      fc.property(anyFacts, ({ risk, canary, retriesUsed, maxRegressionRetries }) => {
        const loose = policy.parse({
          gate: { autoDeployUpTo: 'high' },
          release: { canary },
          test: { maxRegressionRetries },
        })
        const { verdict } = decideGate(
          facts({
            policy: loose,
            risk: { level: risk, score: 0.5, reasons: [] },
            judgement: open,
            retriesUsed,
          }),
        )
        expect(['retry', 'reject']).toContain(verdict)
      }),
    )
  })
})

describe('a proven candidate', () => {
  test('goes out as a canary, or at once where the policy wants none', () => {
    expect(decideGate(facts()).verdict).toBe('canary')
    const direct = policy.parse({ release: { canary: false } })
    expect(decideGate(facts({ policy: direct })).verdict).toBe('deploy')
  })

  test.each([
    ['its risk', { risk: { level: 'medium' as const, score: 0.5, reasons: [] } }],
    ['its size', { diffChars: 4001 }],
    ['the changes of the day', { recentChanges: [1, 5, 10, 23].map(hoursAgo) }],
    [
      'the changes of the week',
      { recentChanges: Array.from({ length: 12 }, (_, i) => hoursAgo(25 + 10 * i)) },
    ],
    [
      'a freeze',
      {
        policy: policy.parse({
          gate: { freeze: [{ from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' }] },
        }),
      },
    ],
  ])('waits for a person because of %s', (_name, overrides) => {
    const decision = decideGate(facts(overrides))
    expect(decision.verdict).toBe('pending-review')
    expect(decision.reasons).toHaveLength(1)
  })

  test('is not held up by changes that have aged out or a freeze that is over', () => {
    const over = policy.parse({
      gate: { freeze: [{ from: '2026-03-01T00:00:00Z', to: '2026-03-10T12:00:00Z' }] },
    })
    const recentChanges = [25, 30, 40, 50, 170, 180].map(hoursAgo)
    expect(decideGate(facts({ policy: over, recentChanges })).verdict).toBe('canary')
  })

  test('hears every objection, not the first alone', () => {
    const risk = { level: 'high' as const, score: 0.9, reasons: [] }
    expect(decideGate(facts({ risk, diffChars: 9999 })).reasons).toHaveLength(2)
  })
})
