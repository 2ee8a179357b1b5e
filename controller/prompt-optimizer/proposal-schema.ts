import { z } from 'zod'

/** The changes that a proposer may ask for. Closed: what is not listed cannot be said. */
export const EDIT_OPS = [
  'add-section',
  'replace-section',
  'remove-section',
  'set-tool-description',
  'add-tool-example',
  'disable-tool',
  'add-example',
  'remove-example',
  'add-skill',
  'remove-skill',
  'set-field',
] as const

/** The scalar fields that `set-field` knows; lists are given as JSON. */
export const EDIT_FIELDS = [
  'output.format',
  'output.parser',
  'output.repair',
  'output.maxRepair',
  'retry.maxAttempts',
  'retry.on',
  'retry.backoffMs',
  'context.maxTokens',
  'context.strategy',
  'context.toolOutputMaxChars',
  'guards.maxSteps',
  'guards.loopDetector',
] as const

// Four plain strings for every operation, since structured-output endpoints differ in how they take unions.
const edit = z.object({
  op: z.enum(EDIT_OPS),
  target: z.string().meta({ description: 'Prompt id, tool name or field; else empty' }),
  id: z.string().meta({ description: 'Id of the section, example or skill; else empty' }),
  text: z.string().meta({ description: 'New text or value; empty to remove' }),
})
export type Edit = z.infer<typeof edit>

const change = z.object({
  hypothesis: z.string().meta({ description: 'Why this change should help, in your own words' }),
  edits: z.array(edit),
  expectedFixes: z.array(z.string()).meta({ description: 'Ids of tasks that should pass now' }),
  fearedRegressions: z.array(z.string()).meta({ description: 'What might get worse' }),
})

/** What the endpoint is told: every member required, none besides, and no keyword that only some endpoints know. */
export const proposalJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { $schema: _, ...schema } = z.toJSONSchema(z.object({ changes: z.array(change) }))
  return schema
}

const text = z.string().nullish()
const words = z.array(z.string()).nullish()

/** What is accepted: endpoints without structured output leave out what is empty. */
export const proposalAnswer = z.object({
  changes: z.array(
    z.object({
      hypothesis: z.string(),
      edits: z.array(z.object({ op: z.enum(EDIT_OPS), target: text, id: text, text })).min(1),
      expectedFixes: words,
      fearedRegressions: words,
    }),
  ),
})
