import type { CycleState } from './cycle-state.ts'
import { append, type Facts, isoOf, type Next, wait } from './facts.ts'
import { decisionMade, rejectCandidate, releaseCandidate } from './make-decision.ts'

const HOUR_MS = 3_600_000

/** Asks for a person who looks at a proven change before it goes out. */
export const askForReview = (cycle: CycleState, facts: Facts, reason: string): Next => {
  const candidate = cycle.candidates.find(({ digest }) => digest === cycle.gate?.digest)
  return append(
    decisionMade(cycle, facts, {
      kind: 'pending-review',
      from: cycle.baseline,
      to: candidate ?? cycle.baseline,
      step: cycle.round,
      reason,
      expiresAt: isoOf(facts.nowMs + facts.policy.gate.approvalHours * HOUR_MS),
    }),
  )
}

/** What a person has said counts; where nobody says anything in time, the answer is no. */
export const awaitReview = (cycle: CycleState, facts: Facts): Next => {
  const { open, review } = cycle
  if (review !== null) {
    const reason = saidBy(review, review.approved ? 'approved' : 'rejected')
    const approver = review.reviewer
    return review.approved
      ? releaseCandidate(cycle, facts, { reason, approver, canary: facts.policy.release.canary })
      : rejectCandidate(cycle, facts, { reason, approver })
  }
  const expiresAtMs = Date.parse(open?.expiresAt ?? '')
  return facts.nowMs >= expiresAtMs
    ? rejectCandidate(cycle, facts, { reason: 'approval-expired: nobody has reviewed it in time' })
    : wait('review', expiresAtMs)
}

export const saidBy = (
  { reviewer, comment }: { readonly reviewer: string; readonly comment: string },
  what: string,
): string => `${what} by ${reviewer}${comment === '' ? '' : `: ${comment}`}`
