import type { ProposalOrder } from '../../controller/prompt-optimizer/search-state.ts'
import { configDigest } from '../../schemas/agent-config.ts'
import { aConfig, aDiagnosis } from './a-search.ts'

export const anOrder = (overrides: Partial<ProposalOrder> = {}): ProposalOrder => {
  const parent = overrides.parent ?? aConfig()
  return {
    id: 'generation-1/edit-0',
    operator: 'directed-edit',
    count: 4,
    parents: [configDigest(parent)],
    parent,
    diagnosis: aDiagnosis(),
    constraints: [],
    taskScores: [
      { taskId: 'fix0', score: 0 },
      { taskId: 'fix1', score: 1 },
    ],
    tried: [],
    known: [],
    seed: 5,
    ready: null,
    ...overrides,
  }
}
