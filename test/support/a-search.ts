import type { SearchSetup } from '../../controller/prompt-optimizer/search-state.ts'
import { type AgentConfig, agentConfig, configDigest } from '../../schemas/agent-config.ts'
import type { Diagnosis } from '../../schemas/cluster.ts'
import { type Policy, policy } from '../../schemas/policy.ts'

/** A configuration with a locked section, two tools and every part filled. */
export const aConfig = (overrides: Partial<AgentConfig> = {}): AgentConfig =>
  agentConfig.parse({
    prompts: {
      main: [
        { id: 'role', text: 'You are a careful assistant of a small library.' },
        { id: 'safety', text: 'Never share the data of another member.', locked: true },
        { id: 'style', text: 'Answer in full sentences.' },
      ],
    },
    tools: [
      { name: 'find_book', description: 'Finds a book.', parameters: { type: 'object' } },
      { name: 'lend_book', description: 'Lends a book.', enabled: false },
    ],
    skills: [{ id: 'renew', text: 'To renew a loan, look it up first.' }],
    ...overrides,
  })

export const aDiagnosis = (overrides: Partial<Diagnosis> = {}): Diagnosis => ({
  rootCauseType: 'prompt',
  component: 'main',
  hypothesis: 'The agent quotes fines without a currency.',
  rule: 'State the currency of every fine.',
  evidence: [],
  confidence: 0.8,
  source: 'model',
  ...overrides,
})

export const aPolicy = (search: Partial<Policy['search']> = {}): Policy => policy.parse({ search })

export const taskNames = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

export const aSetup = (overrides: Partial<SearchSetup> = {}): SearchSetup => {
  const config = aConfig()
  return {
    baseline: { digest: configDigest(config), config },
    diagnosis: aDiagnosis(),
    fixTaskIds: taskNames('fix', 8),
    holdoutTaskIds: taskNames('hold', 4),
    criticalTaskIds: [],
    policy: aPolicy().search,
    constraints: [],
    excluded: [],
    seed: 1,
    ...overrides,
  }
}
