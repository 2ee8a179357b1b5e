import type { CycleState } from './cycle-state.ts'
import { versionOf } from './cycle-state.ts'
import { saidBy } from './decide-review.ts'
import { append, type Facts, type Next, wait } from './facts.ts'
import { decisionMade, releaseCandidate, rollBack } from './make-decision.ts'

/** What follows from the monitor's judgement of a released version, or from a person's after the monitor gave up. */
export const decideRelease = (cycle: CycleState, facts: Facts): Next => {
  const { judgement, review, released } = cycle
  if (review !== null) return obeyReview(cycle, facts, review)
  if (judgement === null) return wait('production')
  const runs = [facts.live.stable.digest, facts.live.canary?.digest]
  // Taken back or replaced by a person in the meantime: there is nothing left to decide.
  if (!runs.includes(released?.digest)) return wait('superseded')
  const { reason, verdict } = judgement
  const tested = cycle.tests.at(-1)?.evidence ?? []
  switch (verdict) {
    case 'step':
    case 'promote':
      return releaseCandidate(cycle, facts, {
        reason,
        canary: verdict === 'step',
        evidence: [...tested, ...judgement.evidence],
      })
    case 'rollback':
      return rollBack(cycle, facts, { reason, evidence: judgement.evidence })
    case 'hold':
      return append(
        decisionMade(cycle, facts, {
          kind: 'hold',
          from: cycle.baseline,
          to: versionOf(cycle, released?.digest ?? '') ?? cycle.baseline,
          step: released?.steps ?? 0,
          reason,
          evidence: judgement.evidence,
        }),
      )
  }
}

const obeyReview = (
  cycle: CycleState,
  facts: Facts,
  review: NonNullable<CycleState['review']>,
): Next => {
  const approver = review.reviewer
  const reason = saidBy(review, review.approved ? 'approved' : 'taken back')
  return review.approved
    ? releaseCandidate(cycle, facts, { reason, approver, canary: false })
    : rollBack(cycle, facts, { reason, approver })
}
