import { type AgentConfig, agentConfig, configDigest } from '../../../schemas/agent-config.ts'
import type { TestSuite } from '../../../schemas/task.ts'
import type { Example } from './example.ts'

/** The agent that all examples are about. */
export const AGENT = 'support-desk'

const withRules = (...rules: readonly string[]): AgentConfig =>
  agentConfig.parse({
    prompts: {
      system: [
        { id: 'role', text: 'You answer customers of a web shop.', locked: true },
        ...rules.map((text, place) => ({ id: `rule-${place + 1}`, text })),
      ],
    },
    tools: [
      {
        name: 'refund_order',
        description: 'Refunds an order.',
        parameters: { type: 'object', properties: { orderId: { type: 'string' } } },
      },
    ],
    model: { name: 'gpt-4o-mini' },
  })

/** What runs before the cycle of the examples, and the change that it tries. */
export const BEFORE = withRules('Be brief.')
export const AFTER = withRules('Be brief.', 'Look an order up before you refund it.')
/** A change that repairs the cluster and breaks a guardrail. */
export const TEMPTING = withRules('Be brief.', 'Refund every order that a customer names.')

export const versionOf = (
  config: AgentConfig,
): { readonly digest: string; readonly config: AgentConfig } => ({
  digest: configDigest(config),
  config,
})

const suite: TestSuite = {
  schema: 'neosigma.suite/1',
  tasks: [
    {
      id: 'refund-1',
      taskType: 'refund',
      input: 'Please refund my order.',
      scorers: [{ type: 'contains', value: 'order number' }],
      passThreshold: 0.5,
      group: 'session-1',
      origin: 'curated',
    },
    {
      id: 'opening-hours',
      taskType: 'question',
      input: 'When do you open?',
      scorers: [{ type: 'regex', pattern: '\\b9\\b' }],
      passThreshold: 0.5,
      critical: true,
      split: 'anchor',
      origin: 'curated',
    },
  ],
}

export const agentExamples: readonly Example[] = [
  { name: 'agent-config', contract: 'agent-config', value: BEFORE },
  { name: 'test-suite', contract: 'test-suite', value: suite },
]
