import type { AgentConfig, ConfigPatch } from '../../schemas/agent-config.ts'
import type { Policy } from '../../schemas/policy.ts'
import { applyPatch } from '../safety/apply-patch.ts'
import { checkPatch } from '../safety/check-patch.ts'
import { configDiff } from './config-diff.ts'
import type { Candidate, Proposal, ProposalOrder, ProposalResult, Refusal } from './search-state.ts'

interface Assessment {
  readonly baseline: AgentConfig
  readonly untrusted: readonly string[]
  readonly policy: Policy
}

/**
 * The answer to an order: every proposal, whoever made it, is put on its parent, expressed as a change of the
 * baseline, and passes the safety check or is refused with reasons. An empty change is refused as well.
 */
export const assessProposals = (
  order: ProposalOrder,
  proposals: readonly Proposal[],
  assessment: Assessment,
): ProposalResult => {
  const candidates: Candidate[] = []
  const refusals: Refusal[] = []
  for (const proposal of proposals) {
    const assessed = assess(order, proposal, assessment)
    if ('reasons' in assessed) refusals.push({ orderId: order.id, reasons: assessed.reasons })
    else candidates.push(assessed)
  }
  return { type: 'proposed', orderId: order.id, candidates, refusals }
}

/** The answer when the proposer gave nothing that can be used: the order's proposals are spent. */
export const unusableProposals = (order: ProposalOrder, reason: string): ProposalResult => ({
  type: 'proposed',
  orderId: order.id,
  candidates: [],
  refusals: [{ orderId: order.id, reasons: [reason] }],
})

const assess = (
  order: ProposalOrder,
  proposal: Proposal,
  assessment: Assessment,
): Candidate | { readonly reasons: readonly string[] } => {
  const { baseline, untrusted, policy } = assessment
  const applied = applyPatch(order.parent, proposal.patch)
  if (!applied.ok) return { reasons: [applied.reason] }
  const patch: ConfigPatch = configDiff(baseline, applied.config)
  if (patch.length === 0) return { reasons: ['no-change'] }
  const checked = checkPatch({ base: baseline, patch, untrusted, policy })
  if (!checked.ok) return { reasons: checked.reasons }
  return {
    digest: checked.digest,
    config: checked.config,
    patch,
    parents: order.parents,
    operator: order.operator,
    hypothesis: proposal.hypothesis,
    expectedFixes: proposal.expectedFixes,
    fearedRegressions: proposal.fearedRegressions,
  }
}
