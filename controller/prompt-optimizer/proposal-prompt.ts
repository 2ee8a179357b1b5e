import type { ChatRequest } from '../../pipeline/model-client/model-client.ts'
import type { AgentConfig } from '../../schemas/agent-config.ts'
import { canonicalJson } from '../../schemas/canonical-json.ts'
import type { Task } from '../../schemas/task.ts'
import { EDIT_FIELDS, proposalJsonSchema } from './proposal-schema.ts'
import type { ProposalOrder } from './search-state.ts'

export interface ProposalContext {
  readonly agent: string
  /** The suite. Only inputs that people curated are shown: those taken from traces would be an open door. */
  readonly tasks: readonly Task[]
}

const SHOWN_TASKS = 8
const SHOWN_CHARACTERS = 600

const INSTRUCTIONS = `You improve the configuration of an LLM agent. You are given a diagnosis of one group of failures, the configuration, and how it scores on tasks. Propose changes that repair this group and leave everything else as it is.
Rules:
- Make each change small and general: a rule for the kind of failure, never the answer to a task.
- Write your own words. No links, addresses, identifiers or quotations.
- Never edit a locked section. Refer to prompts, sections and tools by the ids given.
- Prefer adding one short section to rewriting many. If a tool description, the parser, the retries or the context is at fault, change that instead of the prompt.
- The changes of one answer must differ in substance.
Each change states its hypothesis, its edits, the task ids it should fix, and what it might make worse.`

/** Asks a model for changes of the order's parent configuration. Text of traces has no way in. */
export const proposalRequest = (order: ProposalOrder, context: ProposalContext): ChatRequest => ({
  purpose: 'proposal',
  seed: order.seed,
  schema: { name: 'configuration_changes', schema: proposalJsonSchema() },
  messages: [
    { role: 'system', content: INSTRUCTIONS },
    {
      role: 'user',
      content: [
        `Agent: ${context.agent}`,
        diagnosisText(order),
        constraintText(order),
        configText(order.parent),
        taskText(order, context),
        triedText(order),
        `Answer with ${order.count} ${order.count === 1 ? 'change' : 'different changes'}.`,
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
    },
  ],
})

const diagnosisText = ({ diagnosis }: ProposalOrder): string =>
  [
    '# Diagnosis',
    `Cause: ${diagnosis.rootCauseType}`,
    `Component: ${diagnosis.component || 'not known'}`,
    `Hypothesis: ${diagnosis.hypothesis}`,
    ...(diagnosis.rule === '' ? [] : [`What the agent should do instead: ${diagnosis.rule}`]),
  ].join('\n')

const constraintText = ({ constraints }: ProposalOrder): string =>
  constraints.length === 0
    ? ''
    : [
        '# Constraints',
        'Earlier changes repaired the failures and broke something else:',
        ...constraints.map((constraint) => `- ${constraint}`),
        'The new change must be narrower than those: it must apply to the diagnosed failures only, and say so in its text.',
      ].join('\n')

const configText = (config: AgentConfig): string =>
  [
    '# Configuration',
    ...Object.entries(config.prompts).flatMap(([id, sections]) => [
      `## Prompt ${id}`,
      ...sections.map(
        (section) =>
          `### Section ${section.id}${section.locked ? ' (locked)' : ''}\n${section.text}`,
      ),
    ]),
    ...itemText('## Examples', config.fewShot),
    ...itemText('## Skills', config.skills),
    ...(config.tools.length === 0 ? [] : ['## Tools']),
    ...config.tools.map(
      ({ name, description, enabled }) => `- ${name}${enabled ? '' : ' (off)'}: ${description}`,
    ),
    '## Fields',
    ...EDIT_FIELDS.map((field) => `- ${field}: ${fieldText(config, field)}`),
  ].join('\n')

const itemText = (
  title: string,
  items: readonly { readonly id: string; readonly text: string }[],
): string[] =>
  items.length === 0 ? [] : [title, ...items.map(({ id, text }) => `### ${id}\n${text}`)]

const fieldText = (config: AgentConfig, field: (typeof EDIT_FIELDS)[number]): string => {
  const [part, key] = field.split('.') as ['output' | 'retry' | 'context' | 'guards', string]
  return JSON.stringify(Reflect.get(config[part], key)) ?? 'not set'
}

const taskText = (order: ProposalOrder, { tasks }: ProposalContext): string =>
  [
    '# Tasks and the score of this configuration, worst first',
    ...order.taskScores.slice(0, SHOWN_TASKS).map(({ taskId, score }) => {
      const task = tasks.find(({ id, origin }) => id === taskId && origin === 'curated')
      return `- ${taskId}, score ${score.toFixed(2)}${task === undefined ? '' : `: ${inputText(task)}`}`
    }),
  ].join('\n')

const inputText = ({ input }: Task): string =>
  canonicalJson(
    (typeof input === 'string' ? input : canonicalJson(input)).slice(0, SHOWN_CHARACTERS),
  )

const triedText = ({ tried }: ProposalOrder): string =>
  tried.length === 0
    ? ''
    : [
        '# Tried already, with the objective reached (1 is best)',
        ...[...tried]
          .sort((a, b) => (a.objective ?? -1) - (b.objective ?? -1))
          .map(
            ({ hypothesis, objective }) => `- ${objective?.toFixed(2) ?? 'no gain'}: ${hypothesis}`,
          ),
      ].join('\n')
