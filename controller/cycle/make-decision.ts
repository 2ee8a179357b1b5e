import type { DecisionKind, DeploymentDecision } from '../../schemas/decision.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import { buildDecision } from '../release/build-decision.ts'
import type { Version } from '../release/live-configuration.ts'
import { nextWeight } from '../release/next-weight.ts'
import type { CycleState, EventOf } from './cycle-state.ts'
import { versionOf } from './cycle-state.ts'
import { append, type Facts, isoOf, type Next, stamp } from './facts.ts'

export interface DecisionParts {
  readonly kind: DecisionKind
  readonly from: Version
  readonly to: Version
  readonly reason: string
  readonly step?: number
  readonly evidence?: readonly Evidence[]
  readonly canary?: DeploymentDecision['canary']
  readonly approver?: string | null
  readonly expiresAt?: string | null
}

const NO_RISK = { level: 'low', score: 0, reasons: [] } as const

/** A decision of a cycle as the event that makes it. Without evidence of its own it carries that of the last test. */
export const decisionMade = (
  cycle: CycleState,
  facts: Facts,
  parts: DecisionParts,
): EventOf<'decision-made'> => ({
  ...stamp(cycle, facts),
  type: 'decision-made',
  decision: buildDecision({
    agent: cycle.agent,
    cause: cycle.id,
    cycleId: cycle.id,
    cluster: cycle.cluster,
    step: 0,
    canary: null,
    approver: null,
    expiresAt: null,
    evidence: cycle.tests.at(-1)?.evidence ?? [],
    risk: cycle.gate === null ? { ...NO_RISK, reasons: [] } : cycle.gate.risk,
    policyDigest: facts.policyDigest,
    at: isoOf(facts.nowMs),
    ...parts,
  }),
})

/** The version that the gate has judged. */
const candidateOf = (cycle: CycleState): Version =>
  versionOf(cycle, cycle.gate?.digest ?? '') ?? cycle.baseline

/** Turns the candidate of this round down. */
export const rejectCandidate = (
  cycle: CycleState,
  facts: Facts,
  { reason, approver = null }: { readonly reason: string; readonly approver?: string | null },
): Next =>
  append(
    decisionMade(cycle, facts, {
      kind: 'reject',
      from: cycle.baseline,
      to: candidateOf(cycle),
      step: cycle.round,
      reason,
      approver,
    }),
  )

interface Release {
  readonly reason: string
  readonly canary: boolean
  readonly approver?: string | null
  readonly evidence?: readonly Evidence[]
}

/** Lets the candidate go one step further: the next share of sessions, or all of them where no share is left. */
export const releaseCandidate = (cycle: CycleState, facts: Facts, release: Release): Next => {
  const { policy } = facts
  const { reason, approver = null, evidence } = release
  const weight = release.canary
    ? nextWeight(policy.release.steps, cycle.released?.weight ?? 0)
    : null
  const common = {
    from: cycle.baseline,
    to: candidateOf(cycle),
    reason,
    approver,
    ...(evidence === undefined ? {} : { evidence }),
  }
  return append(
    weight === null
      ? decisionMade(cycle, facts, { ...common, kind: 'promote' })
      : decisionMade(cycle, facts, {
          ...common,
          kind: 'canary',
          step: (cycle.released?.steps ?? 0) + 1,
          canary: { weight, salt: cycle.id },
        }),
  )
}

type RollBack = Pick<DecisionParts, 'reason' | 'evidence' | 'approver'> & { readonly to?: Version }

/** Takes the released version back, by default to the one before it. */
export const rollBack = (cycle: CycleState, facts: Facts, parts: RollBack): Next =>
  append(
    decisionMade(cycle, facts, {
      kind: 'rollback',
      from: versionOf(cycle, cycle.released?.digest ?? '') ?? candidateOf(cycle),
      to: cycle.baseline,
      ...parts,
    }),
  )
