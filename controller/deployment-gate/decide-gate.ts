import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { Risk } from '../../schemas/decision.ts'
import type { Policy } from '../../schemas/policy.ts'

export interface GateFacts {
  readonly policy: Policy
  readonly risk: Risk
  /** Size of the change, as `diffChars` counts it. */
  readonly diffChars: number
  /** What the regression test found. */
  readonly judgement: { readonly passed: boolean; readonly reasons: readonly string[] }
  /** Changes of this agent that went to production, in ISO 8601. */
  readonly recentChanges: readonly { readonly at: string }[]
  /** Candidates of this cycle that the test has already sent back. */
  readonly retriesUsed: number
  readonly nowMs: number
}

export interface GateDecision {
  readonly verdict: Extract<CycleEvent, { type: 'gate-decided' }>['verdict']
  readonly reasons: readonly string[]
}

export const PERSISTENT_REGRESSION = 'persistent_regression'

const HOUR_MS = 3_600_000
const LEVELS = ['none', 'low', 'medium', 'high'] as const

/**
 * What becomes of a tested candidate. Without a proof nothing ships: it goes back to the search while retries are left,
 * then the target is given up. With a proof the policy decides whether a person must look first; every objection is
 * listed, not the first alone.
 */
export const decideGate = (facts: GateFacts): GateDecision => {
  const { policy, judgement, retriesUsed } = facts
  if (!judgement.passed) {
    const retry = retriesUsed < policy.test.maxRegressionRetries
    return {
      verdict: retry ? 'retry' : 'reject',
      reasons: retry ? judgement.reasons : [PERSISTENT_REGRESSION, ...judgement.reasons],
    }
  }
  const objections = objectionsOf(facts)
  if (objections.length > 0) return { verdict: 'pending-review', reasons: objections }
  return {
    verdict: policy.release.canary ? 'canary' : 'deploy',
    reasons: [`risk ${facts.risk.level} is released without a person`],
  }
}

/** Why a person must look before a proven change is released. */
const objectionsOf = (facts: GateFacts): readonly string[] => {
  const { policy, risk, nowMs } = facts
  const { autoDeployUpTo, maxChangesPerDay, maxChangesPerWeek, maxDiffChars, freeze } = policy.gate
  const today = changesSince(facts, 24)
  const thisWeek = changesSince(facts, 168)
  const frozen = freeze.find(({ from, to }) => Date.parse(from) <= nowMs && nowMs < Date.parse(to))
  const checks: readonly (readonly [boolean, string])[] = [
    [
      LEVELS.indexOf(risk.level) > LEVELS.indexOf(autoDeployUpTo),
      `risk ${risk.level} is above ${autoDeployUpTo}, up to which no person is asked`,
    ],
    [
      facts.diffChars > maxDiffChars,
      `the change has ${facts.diffChars} characters, more than ${maxDiffChars}`,
    ],
    [
      today >= maxChangesPerDay,
      `${today} changes in 24 hours, at most ${maxChangesPerDay} are allowed`,
    ],
    [
      thisWeek >= maxChangesPerWeek,
      `${thisWeek} changes in 7 days, at most ${maxChangesPerWeek} are allowed`,
    ],
    [frozen !== undefined, `frozen from ${frozen?.from} to ${frozen?.to}`],
  ]
  return checks.filter(([objects]) => objects).map(([, reason]) => reason)
}

const changesSince = ({ recentChanges, nowMs }: GateFacts, hours: number): number =>
  recentChanges.filter(({ at }) => Date.parse(at) > nowMs - hours * HOUR_MS).length
