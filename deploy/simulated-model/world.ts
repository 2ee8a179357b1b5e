import { z } from 'zod'
import { agentConfig } from '../../schemas/agent-config.ts'
import { SPLITS, scorer } from '../../schemas/task.ts'

const pattern = z
  .string()
  .refine((text) => isPattern(text), 'is not a regular expression')
  .meta({ description: 'Regular expression, matched without regard to case' })

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, 'i') instanceof RegExp
  } catch {
    return false
  }
}

const toolCall = z.strictObject({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()).default({}),
})

/** What the model does with one kind of task: tool calls in order, then the answer. */
const course = {
  calls: z.array(toolCall).default([]),
  answer: z.string().meta({ description: 'Final answer; {name} stands for a value of the task' }),
}

const failure = z.strictObject({
  name: z.string(),
  rate: z.number().min(0).max(1).meta({ description: 'Share of the tasks that go this way' }),
  unless: pattern.optional().meta({ description: 'Not when the system prompt matches' }),
  when: pattern.optional().meta({ description: 'Only when the system prompt matches' }),
  drift: z.string().optional().meta({ description: 'Only after this drift has been switched on' }),
  ...course,
})

const taskType = z.strictObject({
  name: z.string(),
  share: z.number().positive().meta({ description: 'Relative share of the traffic' }),
  inputs: z.array(z.string()).min(1).meta({ description: 'What users write; {name} is a value' }),
  ...course,
  check: z
    .array(scorer)
    .min(1)
    .meta({ description: 'How an answer is judged, by users and tests' }),
  failures: z.array(failure).default([]),
  suite: z
    .strictObject({ tasks: z.number().int().min(0), split: z.enum(SPLITS).optional() })
    .optional()
    .meta({ description: 'How many tasks of this type the owner of the agent has curated' }),
})

const toolResult = z.strictObject({
  when: pattern.optional().meta({ description: 'Only when the arguments as JSON match' }),
  unlessCalled: z
    .string()
    .optional()
    .meta({ description: 'Only when this tool was not called before in the run' }),
  drift: z
    .string()
    .optional()
    .meta({ description: 'Only after this drift of the tools has been switched on' }),
  result: z.unknown().optional(),
  error: z.string().optional(),
  fatal: z
    .boolean()
    .default(false)
    .meta({ description: 'The error is not told to the model: it ends the run' }),
})

const tool = z.strictObject({
  name: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  results: z.array(toolResult).min(1).meta({ description: 'The first that applies is given' }),
})

const reflection = z.strictObject({
  schema: z.string().meta({ description: 'Name of the JSON Schema that the request asks for' }),
  when: pattern.optional().meta({ description: 'Only when the request matches' }),
  unless: pattern.optional().meta({ description: 'Not when the request matches' }),
  answer: z.unknown(),
})

/**
 * Everything that a simulated model does, as one file. It speaks of prompts and tasks alone and knows nothing of who
 * reads its answers.
 */
export const world = z.strictObject({
  schema: z.literal('neosigma.world/1'),
  description: z.string(),
  agent: z.strictObject({
    name: z.string(),
    promptId: z.string(),
    config: agentConfig.meta({ description: 'The agent as it is when the story begins' }),
  }),
  values: z
    .record(z.string(), z.array(z.string()).min(1))
    .meta({ description: 'What {name} may stand for; "{#}" inside a value is a number' }),
  tools: z.array(tool),
  taskTypes: z.array(taskType).min(1),
  reflections: z
    .array(reflection)
    .meta({ description: 'Answers to requests for JSON, the first that applies is given' }),
  traffic: z
    .strictObject({
      feedbackShare: z.number().min(0).max(1).default(0.8),
      users: z.number().int().min(1).default(200),
    })
    .prefault({}),
})

export type World = z.infer<typeof world>
export type TaskType = World['taskTypes'][number]
export type Course = Pick<TaskType, 'calls' | 'answer'>
export type WorldTool = World['tools'][number]

/** Names of the changes that the model of a world can undergo. */
export const driftsOf = (world: World): readonly string[] => [
  ...new Set(
    world.taskTypes.flatMap(({ failures }) => failures.flatMap(({ drift }) => drift ?? [])),
  ),
]

/** Names of the changes that the agent's tools can undergo. */
export const toolDriftsOf = (world: World): readonly string[] => [
  ...new Set(world.tools.flatMap(({ results }) => results.flatMap(({ drift }) => drift ?? []))),
]
