import { buildDecision, type DecisionFacts } from '../../controller/release/build-decision.ts'
import type { Version } from '../../controller/release/live-configuration.ts'
import { agentConfig, configDigest } from '../../schemas/agent-config.ts'
import type { DecisionKind, DeploymentDecision } from '../../schemas/decision.ts'

/** A version of an agent whose prompt is the given text. */
export const aVersion = (text: string): Version => {
  const config = agentConfig.parse({ prompts: { system: [{ id: 'rules', text }] } })
  return { digest: configDigest(config), config }
}

/** A decision about a version; override what matters. */
export const aDecision = (
  kind: DecisionKind,
  to: Version,
  overrides: Partial<DecisionFacts> = {},
): DeploymentDecision =>
  buildDecision({
    kind,
    agent: 'support',
    cause: 'cycle-1',
    cycleId: 'cycle-1',
    step: 0,
    from: null,
    to,
    canary: null,
    cluster: null,
    evidence: [],
    risk: { level: 'low', score: 0.1, reasons: [] },
    reason: 'test',
    approver: null,
    expiresAt: null,
    policyDigest: null,
    at: '2026-01-01T00:00:00.000Z',
    ...overrides,
  })
