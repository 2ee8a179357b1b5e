import type { AgentConfig } from '../../schemas/agent-config.ts'
import type { Diagnosis } from '../../schemas/cluster.ts'

export interface ScaffoldEdit {
  readonly config: AgentConfig
  readonly hypothesis: string
}

type Part = 'output' | 'retry' | 'context' | 'guards'
const PARTS: readonly Part[] = ['output', 'retry', 'context', 'guards']
const DEFAULT_TOOL_OUTPUT_CHARS = 8000

/** What helps which part, mildest first. */
const edits: Readonly<Record<Part, (config: AgentConfig) => readonly ScaffoldEdit[]>> = {
  output: (config) => [
    {
      config: { ...config, output: { ...config.output, parser: 'lenient' } },
      hypothesis: 'A lenient parser accepts answers that are right but loosely formatted.',
    },
    {
      config: {
        ...config,
        output: {
          ...config.output,
          parser: 'extract-json',
          repair: ['strip-fences', 'trailing-commas'],
          maxRepair: Math.max(1, config.output.maxRepair),
        },
      },
      hypothesis: 'Taking the JSON out of fences and surrounding words repairs the answers.',
    },
    {
      config: {
        ...config,
        output: {
          ...config.output,
          parser: 'extract-json',
          repair: ['strip-fences', 'trailing-commas', 'reask'],
          maxRepair: Math.max(2, config.output.maxRepair),
        },
      },
      hypothesis: 'Asking once more repairs answers that cannot be parsed.',
    },
  ],
  retry: (config) =>
    [1, 2].map((more) => ({
      config: {
        ...config,
        retry: {
          maxAttempts: Math.min(5, config.retry.maxAttempts + more),
          on: ['timeout', '5xx', 'parse', 'tool-error'],
          backoffMs: Math.max(250 * more, config.retry.backoffMs),
        },
      },
      hypothesis: `The failures pass with time: ${more} more ${more === 1 ? 'attempt' : 'attempts'} after a pause.`,
    })),
  context: (config) => [
    {
      config: {
        ...config,
        context: {
          ...config.context,
          toolOutputMaxChars: Math.max(
            100,
            Math.floor((config.context.toolOutputMaxChars ?? DEFAULT_TOOL_OUTPUT_CHARS) / 2),
          ),
        },
      },
      hypothesis: 'Shorter tool output leaves room for the task.',
    },
    ...(['drop-tool-output', 'summarize'] as const).map((strategy) => ({
      config: { ...config, context: { ...config.context, strategy } },
      hypothesis: `The context overflows: ${strategy} keeps what matters.`,
    })),
  ],
  guards: (config) => [
    {
      config: { ...config, guards: { ...config.guards, loopDetector: true } },
      hypothesis: 'The agent repeats itself; stopping the loop lets it answer.',
    },
    {
      config: {
        ...config,
        guards: {
          ...config.guards,
          maxSteps: Math.min(100, Math.ceil(config.guards.maxSteps * 1.5)),
        },
      },
      hypothesis: 'The agent runs out of steps before it is done.',
    },
  ],
}

/**
 * Changes of the scaffold that fit a diagnosis, mildest first; without a component every part is tried. A tool named
 * as the component gets the diagnosis's rule into its description.
 */
export const scaffoldEdits = (
  diagnosis: Pick<Diagnosis, 'component' | 'rule'>,
  config: AgentConfig,
): readonly ScaffoldEdit[] => {
  const named = PARTS.filter((part) => part === diagnosis.component)
  const tool = config.tools.findIndex(({ name }) => name === diagnosis.component)
  if (tool >= 0) return diagnosis.rule === '' ? [] : [describeTool(config, tool, diagnosis.rule)]
  return (named.length > 0 ? named : PARTS).flatMap((part) => edits[part](config))
}

const describeTool = (config: AgentConfig, index: number, rule: string): ScaffoldEdit => ({
  config: {
    ...config,
    tools: config.tools.map((tool, at) =>
      at === index ? { ...tool, description: `${tool.description}\n${rule}`.trim() } : tool,
    ),
  },
  hypothesis: "The tool's description does not say how it is to be used.",
})
