import jsonPatch from 'fast-json-patch'
import { configPatch } from '../../schemas/agent-config.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import type { RankedCluster } from '../../schemas/cluster.ts'
import type { DecisionKind, DeploymentDecision, Risk } from '../../schemas/decision.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { Version } from './live-configuration.ts'

export interface DecisionFacts {
  readonly kind: DecisionKind
  readonly agent: string
  /** What made it: the cycle, or the id of the command of a person. With kind, version and step it names the decision. */
  readonly cause: string
  /** null where no cycle caused it. */
  readonly cycleId: string | null
  /** Tells decisions of one kind about one version apart: the canary's step, the round of a rejected candidate. */
  readonly step: number
  readonly from: Version | null
  readonly to: Version
  readonly canary: { readonly weight: number; readonly salt: string } | null
  readonly cluster: RankedCluster | null
  readonly evidence: readonly Evidence[]
  readonly risk: Risk
  readonly reason: string
  readonly approver: string | null
  readonly expiresAt: string | null
  readonly policyDigest: string | null
  readonly at: string
}

/**
 * A decision for downstream services. Its id follows from what is decided and not from when, so that a controller that
 * died between deciding and publishing makes the same one again.
 */
export const buildDecision = (facts: DecisionFacts): DeploymentDecision => {
  const { kind, agent, cause, step, from, to, cluster } = facts
  const identity = { agent, cause, decision: kind, step, toVersion: to.digest }
  return {
    id: digestOf(identity),
    decision: kind,
    agent,
    fromVersion: from?.digest ?? null,
    toVersion: to.digest,
    artifact: { digest: to.digest, config: to.config },
    patch: from === null ? [] : configPatch.parse(jsonPatch.compare(from.config, to.config, false)),
    canary: facts.canary,
    targetCluster: cluster === null ? null : { id: cluster.id, summary: cluster.summary },
    evidence: [...facts.evidence],
    risk: facts.risk,
    reason: facts.reason,
    approver: facts.approver,
    expiresAt: facts.expiresAt,
    idempotencyKey: `${agent}/${cause}/${kind}/${step}/${to.digest}`,
    policyDigest: facts.policyDigest,
    causation: {
      clusterId: cluster?.id ?? null,
      cycleId: facts.cycleId,
      exampleTraceIds: [...(cluster?.exampleTraceIds ?? [])],
    },
    at: facts.at,
  }
}
