import { agentConfig } from '../../schemas/agent-config.ts'
import { applyEdits } from './apply-edits.ts'
import { configDiff } from './config-diff.ts'
import { proposalAnswer } from './proposal-schema.ts'
import type { Proposal, ProposalOrder } from './search-state.ts'

/** As much as a diagnosis may say: it is stored with every decision and shown to later proposers. */
const HYPOTHESIS_CHARACTERS = 600

export interface ParsedProposals {
  readonly proposals: readonly Proposal[]
  /** Why the answer, or single changes of it, cannot be used. */
  readonly problems: readonly string[]
}

/**
 * Reads a model's answer as changes of the order's parent. A change that cannot be made is left out with its reason;
 * an answer that is not of the schema gives none. Never throws: nonsense from a model is an expected outcome.
 */
export const parseProposals = (
  text: string,
  order: Pick<ProposalOrder, 'parent'>,
): ParsedProposals => {
  const answer = proposalAnswer.safeParse(jsonIn(text))
  if (!answer.success) return { proposals: [], problems: ['answer-not-of-the-schema'] }
  const proposals: Proposal[] = []
  const problems: string[] = []
  for (const change of answer.data.changes) {
    const edits = change.edits.map(({ op, target, id, text: words }) => ({
      op,
      target: target ?? '',
      id: id ?? '',
      text: words ?? '',
    }))
    const edited = applyEdits(order.parent, edits)
    const config = agentConfig.safeParse(edited.ok ? edited.config : undefined)
    if (!edited.ok) problems.push(edited.reason)
    else if (!config.success) problems.push('a value is out of its bounds')
    else
      proposals.push({
        patch: configDiff(order.parent, config.data),
        hypothesis: change.hypothesis.slice(0, HYPOTHESIS_CHARACTERS),
        expectedFixes: change.expectedFixes ?? [],
        fearedRegressions: change.fearedRegressions ?? [],
      })
  }
  return { proposals, problems }
}

/** The JSON of an answer, also inside a code fence or between words; undefined where there is none. */
const jsonIn = (text: string): unknown => {
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}')]
  try {
    return JSON.parse(text.slice(Math.max(0, start), end + 1))
  } catch {
    return undefined
  }
}
