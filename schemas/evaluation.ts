import { z } from 'zod'
import { digest, isoTime, unitScore } from './scalars.ts'
import { SPLITS } from './task.ts'

/** One entry of the append-only ledger: an agent run on one task, written before its score is used. */
export const evaluation = z.object({
  id: z
    .string()
    .meta({ description: 'Hash of cycle, stage, candidate, split, task, replicate, epoch' }),
  agent: z.string(),
  cycleId: z.string(),
  stage: z.enum(['search', 'test', 'control', 'verify', 'anchor']),
  candidate: digest,
  taskId: z.string(),
  split: z.enum(SPLITS),
  replicate: z.number().int().min(0),
  seed: z.number().int(),
  epoch: z
    .string()
    .meta({ description: 'Version of the scorers; scores of unlike epochs are never compared' }),
  status: z.enum(['ok', 'agent_error', 'timeout', 'infra_error']),
  score: unitScore.nullable().meta({ description: 'null for infra_error: never scored' }),
  passed: z.boolean().nullable(),
  metrics: z
    .record(z.string(), z.number())
    .meta({ description: 'latencyMs, inputTokens, outputTokens, costUsd, …' }),
  output: z.string().nullable(),
  error: z.string().nullable(),
  at: isoTime,
})
export type Evaluation = z.infer<typeof evaluation>
