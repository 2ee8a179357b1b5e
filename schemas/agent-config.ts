import { z } from 'zod'
import { digestOf } from './canonical-json.ts'

const section = z.object({
  id: z.string().min(1),
  text: z.string(),
  locked: z.boolean().optional().meta({ description: 'Never edited by the loop, byte for byte' }),
})

const tool = z.object({
  name: z.string().min(1),
  description: z.string().default(''),
  parameters: z.record(z.string(), z.unknown()).default({}).meta({ description: 'JSON Schema' }),
  examples: z.array(z.unknown()).default([]),
  enabled: z.boolean().default(true),
})

/**
 * What the loop may change of an agent. Content-addressed: two equal configurations have one digest.
 * Unknown members are refused, so that nothing that runs is outside the digest.
 */
export const agentConfig = z.strictObject({
  prompts: z
    .record(z.string(), z.array(section))
    .default({})
    .meta({ description: 'Prompt id → sections, joined by a blank line in order' }),
  fewShot: z.array(z.object({ id: z.string(), text: z.string() })).default([]),
  tools: z.array(tool).default([]),
  output: z
    .strictObject({
      format: z.enum(['text', 'json']).default('text'),
      schema: z.record(z.string(), z.unknown()).optional(),
      parser: z.enum(['strict', 'lenient', 'extract-json', 'regex']).default('strict'),
      repair: z.array(z.enum(['strip-fences', 'trailing-commas', 'reask'])).default([]),
      maxRepair: z.number().int().min(0).max(5).default(0),
    })
    .prefault({}),
  retry: z
    .strictObject({
      maxAttempts: z.number().int().min(1).max(5).default(1),
      on: z.array(z.enum(['timeout', '5xx', 'parse', 'tool-error'])).default([]),
      backoffMs: z.number().min(0).max(60_000).default(0),
    })
    .prefault({}),
  context: z
    .strictObject({
      maxTokens: z.number().int().min(256).optional(),
      strategy: z.enum(['window', 'summarize', 'drop-tool-output']).default('window'),
      toolOutputMaxChars: z.number().int().min(100).optional(),
    })
    .prefault({}),
  skills: z.array(z.object({ id: z.string(), text: z.string() })).default([]),
  model: z
    .strictObject({
      name: z.string().default(''),
      params: z.record(z.string(), z.unknown()).default({}),
    })
    .prefault({}),
  guards: z
    .strictObject({
      maxSteps: z.number().int().min(1).max(100).default(12),
      loopDetector: z.boolean().default(false),
    })
    .prefault({}),
})

export type AgentConfig = z.infer<typeof agentConfig>
export type PromptSection = z.infer<typeof section>

/** Content address of a configuration, after defaults are filled in. */
export const configDigest = (config: AgentConfig): string => digestOf(agentConfig.parse(config))

/** The text of one prompt: its sections joined by a blank line. An unknown prompt id gives ''. */
export const promptText = (config: AgentConfig, promptId: string): string =>
  (config.prompts[promptId] ?? []).map((part) => part.text).join('\n\n')

const patchOperation = z.object({
  op: z.enum(['add', 'remove', 'replace', 'test']),
  path: z.string(),
  value: z.unknown().optional(),
})

/** RFC 6902 without `move` and `copy`. */
export const configPatch = z.array(patchOperation)
export type ConfigPatch = z.infer<typeof configPatch>
