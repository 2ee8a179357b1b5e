import { z } from 'zod'
import { unitScore } from './scalars.ts'

export const VERDICTS = ['superior', 'non-inferior', 'inferior', 'inconclusive'] as const
export type Verdict = (typeof VERDICTS)[number]

/**
 * One claim with its error rate: effect = candidate − baseline in the direction in which more is better,
 * interval at level 1 − 2·alpha, null where unbounded.
 */
export const evidence = z.object({
  metric: z.string(),
  role: z.enum(['target', 'guardrail', 'control', 'anchor', 'production']),
  method: z.string(),
  n: z.number().int().min(0),
  effect: z.number().nullable(),
  interval: z.tuple([z.number().nullable(), z.number().nullable()]),
  verdict: z.enum(VERDICTS),
  margin: z.number().min(0),
  alpha: unitScore,
  pValue: unitScore.nullable(),
  minimalDetectableEffect: z.number().nullable(),
  nNeeded: z.number().int().nullable(),
  reasons: z.array(z.string()),
})
export type Evidence = z.infer<typeof evidence>
