import { buildDecision, type DecisionFacts } from '../../../controller/release/build-decision.ts'
import { digestOf } from '../../../schemas/canonical-json.ts'
import type { DecisionKind } from '../../../schemas/decision.ts'
import type { Evidence } from '../../../schemas/evidence.ts'
import { policy } from '../../../schemas/policy.ts'
import { AFTER, AGENT, BEFORE, TEMPTING, versionOf } from './agent.ts'
import type { Example } from './example.ts'
import { CLUSTER } from './mining.ts'

const evidenceOf = (facts: Partial<Evidence> & Pick<Evidence, 'metric' | 'role'>): Evidence => ({
  method: 'bounded-mean',
  n: 40,
  effect: 0.01,
  interval: [-0.04, 0.06],
  verdict: 'non-inferior',
  margin: 0.05,
  alpha: 0.05,
  pValue: 0.02,
  minimalDetectableEffect: 0.05,
  nNeeded: null,
  reasons: [],
  ...facts,
})

const repaired = evidenceOf({
  metric: 'success',
  role: 'target',
  n: 24,
  effect: 0.58,
  interval: [0.36, 0.8],
  verdict: 'superior',
  margin: 0,
  pValue: 0.0004,
})
const harmless = evidenceOf({ metric: 'success', role: 'guardrail' })
const harmful = evidenceOf({
  metric: 'success',
  role: 'guardrail',
  effect: -0.3,
  interval: [-0.45, -0.15],
  verdict: 'inferior',
  pValue: 1,
  reasons: ['task opening-hours is lost'],
})
const inProduction = (facts: Partial<Evidence>): Evidence =>
  evidenceOf({
    metric: 'score',
    role: 'production',
    method: 'betting-e-process',
    margin: 0.1,
    minimalDetectableEffect: null,
    ...facts,
  })

const FACTS: DecisionFacts = {
  kind: 'canary',
  agent: AGENT,
  cause: 'cycle-7',
  cycleId: 'cycle-7',
  step: 0,
  from: versionOf(BEFORE),
  to: versionOf(AFTER),
  canary: { weight: 0.2, salt: 'cycle-7' },
  cluster: CLUSTER,
  evidence: [repaired, harmless],
  risk: { level: 'low', score: 0.12, reasons: ['one prompt section is added'] },
  reason: 'superior on the target, non-inferior on every guardrail',
  approver: null,
  expiresAt: null,
  policyDigest: digestOf(policy.parse({})),
  at: '2026-03-02T11:00:00.000Z',
}

/** One per kind, in the order in which a service might see them. */
const KINDS: Readonly<Record<DecisionKind, Partial<DecisionFacts>>> = {
  reject: {
    to: versionOf(TEMPTING),
    canary: null,
    evidence: [repaired, harmful],
    reason: 'inferior on the guardrail success',
  },
  'pending-review': {
    canary: null,
    risk: { level: 'medium', score: 0.45, reasons: ['a tool description is changed'] },
    expiresAt: '2026-03-05T11:00:00.000Z',
    reason: 'risk medium is above the auto-deploy threshold low',
  },
  canary: {},
  hold: {
    step: 1,
    evidence: [inProduction({ n: 20_000, verdict: 'inconclusive', pValue: 0.3 })],
    reason: 'no answer after 20000 runs',
  },
  promote: {
    step: 2,
    canary: null,
    evidence: [inProduction({ n: 180, effect: 0.11, interval: [0.02, 0.2] })],
    reason: 'not worse at the last share of sessions',
  },
  rollback: {
    step: 3,
    from: versionOf(AFTER),
    to: versionOf(BEFORE),
    canary: null,
    evidence: [
      inProduction({ n: 160, effect: -0.38, interval: [-0.5, -0.26], verdict: 'inferior' }),
    ],
    reason: 'the mean score fell below the level of the version before',
  },
}

export const decisionExamples: readonly Example[] = (
  Object.entries(KINDS) as [DecisionKind, Partial<DecisionFacts>][]
).map(([kind, facts]) => ({
  name: `decision-${kind}`,
  contract: 'deployment-decision',
  value: buildDecision({ ...FACTS, ...facts, kind }),
}))
