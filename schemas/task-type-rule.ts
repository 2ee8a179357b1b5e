import { z } from 'zod'

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false
  }
}
const pattern = (description: string) =>
  z
    .string()
    .refine(isPattern, 'not a regular expression')
    .optional()
    .meta({ description: `${description} matches this regular expression` })

/** Which runs are of a task type: those that meet all that the rule names. */
export const taskTypeRule = z.strictObject({
  taskType: z.string().min(1).max(200),
  agent: z.string().optional().meta({ description: 'Runs of this agent' }),
  promptName: z.string().optional().meta({ description: 'Runs of this prompt' }),
  input: pattern('The task, of which the first 4000 characters count,'),
  attribute: z
    .string()
    .optional()
    .meta({ description: 'A span of the run, or its resource, has this attribute' }),
  value: pattern('Where an attribute is named, its value'),
})
export type TaskTypeRule = z.infer<typeof taskTypeRule>
