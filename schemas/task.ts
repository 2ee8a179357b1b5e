import { z } from 'zod'
import { unitScore } from './scalars.ts'

/** How an answer is scored. `weight` averages several scorers; a task without scorers takes the agent's own `scores`. */
export const scorer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('exact'),
    value: z.string(),
    weight: z.number().positive().optional(),
  }),
  z.object({
    type: z.literal('contains'),
    value: z.string(),
    caseSensitive: z.boolean().optional(),
    not: z.boolean().optional().meta({ description: 'Pass when the text is absent' }),
    weight: z.number().positive().optional(),
  }),
  z.object({
    type: z.literal('regex'),
    pattern: z.string(),
    flags: z.string().optional(),
    weight: z.number().positive().optional(),
  }),
  z.object({
    type: z.literal('json-schema'),
    schema: z.record(z.string(), z.unknown()),
    weight: z.number().positive().optional(),
  }),
  z.object({
    type: z.literal('numeric'),
    value: z.number(),
    tolerance: z.number().min(0).default(0),
    weight: z.number().positive().optional(),
  }),
])
export type Scorer = z.infer<typeof scorer>

/**
 * The four sealed splits: the optimizer sees `fix` and is scored on `holdout`; the gate alone uses `regression`;
 * people curate `anchor`, which the loop never writes.
 */
export const SPLITS = ['fix', 'holdout', 'regression', 'anchor'] as const
export type Split = (typeof SPLITS)[number]

export const task = z.object({
  id: z.string().min(1),
  taskType: z.string().default('default'),
  input: z.unknown().meta({ description: 'What the agent is given: a string, or any JSON value' }),
  expected: z.unknown().optional(),
  rubric: z.string().optional(),
  scorers: z.array(scorer).default([]),
  passThreshold: unitScore.default(0.5),
  critical: z
    .boolean()
    .optional()
    .meta({ description: 'Must pass; failing it aborts a candidate' }),
  split: z.enum(SPLITS).optional(),
  group: z
    .string()
    .optional()
    .meta({ description: 'Session, user or near-duplicate group: never divided over splits' }),
  origin: z.enum(['curated', 'production', 'generated']).default('curated'),
  trigger: z
    .object({
      clusterId: z.string().optional(),
      traceIds: z.array(z.string()).default([]),
    })
    .optional()
    .meta({ description: 'The production evidence that the task stands for' }),
})
export type Task = z.infer<typeof task>

export const testSuite = z.object({
  schema: z.literal('neosigma.suite/1'),
  tasks: z.array(task).min(1),
})
export type TestSuite = z.infer<typeof testSuite>
