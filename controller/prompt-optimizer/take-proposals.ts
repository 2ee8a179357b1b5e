import type { Candidate, ProposalOrder, Refusal, SearchState } from './search-state.ts'

/**
 * Admits the wave's new candidates, order by order. What is known or was rejected before costs its proposal but no run;
 * so does what the proposer handed in beyond the count of its order.
 */
export const takeProposals = (state: SearchState): SearchState => {
  const candidates: Record<string, Candidate> = { ...state.candidates }
  const refusals: Refusal[] = [...state.refusals]
  const contenders: string[] = []
  for (const order of state.orders) {
    const answer = state.answers[order.id]
    if (answer?.type !== 'proposed') continue
    refusals.push(...answer.refusals)
    answer.candidates.forEach((candidate, index) => {
      const reason = whyNot({ state, order, candidate, index, taken: candidates })
      if (reason === null) {
        candidates[candidate.digest] = candidate
        contenders.push(candidate.digest)
      } else refusals.push({ orderId: order.id, reasons: [`${reason}: ${candidate.digest}`] })
    })
  }
  return { ...state, candidates, refusals, contenders, orders: [], answers: {} }
}

const whyNot = (offer: {
  readonly state: SearchState
  readonly order: ProposalOrder
  readonly candidate: Candidate
  readonly index: number
  readonly taken: Readonly<Record<string, Candidate>>
}): string | null => {
  const { state, order, candidate, index, taken } = offer
  if (index >= order.count) return 'more-than-ordered'
  if (taken[candidate.digest] !== undefined) return 'known'
  if (state.setup.excluded.includes(candidate.digest)) return 'rejected-before'
  return null
}
