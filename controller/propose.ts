import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import { ConfigError, TransientError } from '../schemas/errors.ts'
import type { Task } from '../schemas/task.ts'
import { deterministicProposals } from './prompt-optimizer/deterministic-proposals.ts'
import { parseProposals } from './prompt-optimizer/parse-proposals.ts'
import { proposalRequest } from './prompt-optimizer/proposal-prompt.ts'
import type { Proposal, ProposalOrder } from './prompt-optimizer/search-state.ts'

/** How often a model is asked the same; within each, its client repeats what fails on the way. */
const ASKED_AT_MOST = 2

export interface Asked {
  readonly agent: string
  readonly tasks: readonly Task[]
}

/** Proposals for an order: what the search computed itself, a model's, or those of the diagnosis alone. */
export const propose = async (
  context: RoleContext,
  order: ProposalOrder,
  asked: Asked,
): Promise<readonly Proposal[]> => {
  if (order.ready !== null) return [order.ready]
  if (context.model === null) return deterministicProposals(order)
  for (let attempt = 1; attempt <= ASKED_AT_MOST; attempt += 1) {
    const proposals = await askModel(context, order, { ...asked, attempt })
    if (proposals.length > 0) return proposals
  }
  context.logger.warn({ agent: asked.agent, order: order.id }, 'proposals without the model')
  context.metrics.count('neosigma.controller.deterministic.proposals', 1, { agent: asked.agent })
  return deterministicProposals(order)
}

const askModel = async (
  { model, logger, metrics }: RoleContext,
  order: ProposalOrder,
  { agent, tasks, attempt }: Asked & { readonly attempt: number },
): Promise<readonly Proposal[]> => {
  const request = proposalRequest(order, { agent, tasks })
  try {
    // Asked again with the same seed, a deterministic model would say the same nonsense.
    const answer = await model?.chat({ ...request, seed: order.seed + attempt - 1 })
    const { proposals, problems } = parseProposals(answer?.text ?? '', order)
    if (problems.length > 0)
      logger.info({ agent, order: order.id, problems }, 'parts of a proposal cannot be used')
    return proposals
  } catch (error) {
    if (!(error instanceof TransientError || error instanceof ConfigError)) throw error
    metrics.count('neosigma.controller.model.errors', 1, { agent, code: error.code })
    logger.warn({ agent, order: order.id, attempt, err: error }, 'the model proposes nothing')
    return []
  }
}
