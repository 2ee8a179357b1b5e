import { z } from 'zod'
import { agentConfig } from './agent-config.ts'
import { digest, unitScore } from './scalars.ts'

export const RUN_PROTOCOL = 'neosigma.run/1'

/** What the agent under improvement is asked. It never sees scorers or expected answers. */
export const runRequest = z.object({
  protocol: z.literal(RUN_PROTOCOL),
  runId: z.string().min(1),
  attempt: z.number().int().min(1),
  seed: z
    .number()
    .int()
    .meta({ description: 'f(task, replicate): equal in both arms of a comparison' }),
  task: z.object({
    id: z.string(),
    input: z.unknown(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  candidate: z.object({ digest, config: agentConfig }),
  limits: z.object({
    timeoutMs: z.number().positive(),
    maxSteps: z.number().int().positive().optional(),
    maxTokens: z.number().int().positive().optional(),
  }),
  llm: z
    .object({ baseUrl: z.string(), apiKeyEnv: z.string(), model: z.string().optional() })
    .optional(),
  trace: z.enum(['none', 'full']).default('none'),
})
export type RunRequest = z.infer<typeof runRequest>

/** `infra_error` is never a score; `agent_error` and `timeout` score 0 in every arm alike. */
export const runResponse = z.object({
  status: z.enum(['ok', 'agent_error', 'timeout', 'infra_error']),
  output: z.unknown().optional(),
  usage: z
    .object({
      inputTokens: z.number().min(0).default(0),
      outputTokens: z.number().min(0).default(0),
      llmCalls: z.number().int().min(0).default(0),
      costUsd: z.number().min(0).optional(),
    })
    .prefault({}),
  toolCalls: z.array(z.object({ name: z.string(), arguments: z.unknown() })).optional(),
  spans: z.array(z.record(z.string(), z.unknown())).optional(),
  scores: z.record(z.string(), unitScore).optional(),
  feedback: z.string().optional(),
  error: z.object({ kind: z.string(), message: z.string() }).optional(),
  deterministic: z.boolean().optional(),
})
export type RunResponse = z.infer<typeof runResponse>
