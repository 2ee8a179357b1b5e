import { z } from 'zod'

const guardrail = z.strictObject({
  metric: z.string().meta({
    description: 'success, latencyMs, inputTokens, outputTokens, costUsd or a declared metric',
  }),
  margin: z.number().positive().meta({
    description:
      'Largest loss that counts as no loss: absolute for success and score, relative to the baseline mean otherwise',
  }),
  better: z.enum(['less', 'more']).optional().meta({
    description: 'Default: less for durations, tokens, costs, calls and steps, more for the others',
  }),
})

/** What an agent's owner allows the loop to do. Policy is data: every decision records the digest of the one it followed. */
export const policy = z.strictObject({
  test: z
    .strictObject({
      margin: z.number().positive().max(0.5).default(0.05),
      alpha: z.number().positive().max(0.2).default(0.05),
      replicates: z.number().int().min(1).max(20).default(1),
      guardrails: z.array(guardrail).default([{ metric: 'outputTokens', margin: 0.5 }]),
      maxRegressionRetries: z.number().int().min(0).max(10).default(2),
    })
    .prefault({}),
  search: z
    .strictObject({
      population: z.number().int().min(2).max(50).default(4),
      generations: z.number().int().min(1).max(50).default(3),
      tournament: z.number().int().min(1).max(10).default(2),
      elite: z.number().int().min(1).max(10).default(1),
      crossover: z.number().min(0).max(1).default(0.3),
      holdoutPenalty: z.number().min(0).default(1).meta({ description: 'α of the objective J' }),
      maxAgentRuns: z
        .number()
        .int()
        .min(1)
        .default(400)
        .meta({ description: 'Per cycle, search and tests together' }),
      maxProposals: z.number().int().min(1).default(40),
      concurrency: z.number().int().min(1).max(64).default(4),
      timeoutMs: z.number().positive().default(60_000).meta({ description: 'For one agent run' }),
    })
    .prefault({}),
  gate: z
    .strictObject({
      autoDeployUpTo: z
        .enum(['none', 'low', 'medium', 'high'])
        .default('low')
        .meta({ description: 'Highest risk level that is released without a person' }),
      maxChangesPerDay: z.number().int().min(0).default(4),
      maxChangesPerWeek: z.number().int().min(0).default(12),
      maxDiffChars: z.number().int().min(1).default(4000),
      freeze: z.array(z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() })).default([]),
      approvalHours: z.number().positive().default(72),
    })
    .prefault({}),
  release: z
    .strictObject({
      canary: z.boolean().default(true),
      steps: z.array(z.number().positive().lt(1)).min(1).default([0.2, 0.5]).meta({
        description:
          'Shares of sessions, ascending; with all of them nothing is left to compare with',
      }),
      minRunsPerStep: z.number().int().min(1).default(20),
      alpha: z.number().positive().max(0.2).default(0.05),
      margin: z.number().positive().max(0.5).default(0.1),
      monitoringHours: z.number().positive().default(24),
      tolerance: z
        .number()
        .min(0)
        .max(0.5)
        .default(0.1)
        .meta({ description: 'Drop after promotion that is let be' }),
    })
    .prefault({}),
  target: z
    .strictObject({
      minFailures: z.number().int().min(1).default(3),
      coolDownHours: z.number().min(0).default(24),
    })
    .prefault({}),
})
export type Policy = z.infer<typeof policy>
