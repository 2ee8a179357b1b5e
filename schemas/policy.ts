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
      margin: z
        .number()
        .positive()
        .max(0.5)
        .default(0.05)
        .meta({ description: 'δ: the largest loss of success that counts as no loss' }),
      alpha: z
        .number()
        .positive()
        .max(0.2)
        .default(0.05)
        .meta({ description: 'Chance of a wrong claim, per claim' }),
      replicates: z
        .number()
        .int()
        .min(1)
        .max(20)
        .default(1)
        .meta({ description: 'K: runs of each task in each arm' }),
      guardrails: z
        .array(guardrail)
        .default([{ metric: 'outputTokens', margin: 0.5 }])
        .meta({ description: 'Metrics that must not get worse, beside success' }),
      maxRegressionRetries: z
        .number()
        .int()
        .min(0)
        .max(10)
        .default(2)
        .meta({ description: 'How often a rejected candidate goes back to the optimizer' }),
    })
    .prefault({}),
  search: z
    .strictObject({
      population: z
        .number()
        .int()
        .min(2)
        .max(50)
        .default(4)
        .meta({ description: 'Candidates of a generation' }),
      generations: z
        .number()
        .int()
        .min(1)
        .max(50)
        .default(3)
        .meta({ description: 'Rounds of proposals and evaluation, at most' }),
      tournament: z
        .number()
        .int()
        .min(1)
        .max(10)
        .default(2)
        .meta({ description: 'Candidates that a parent is the best of' }),
      elite: z
        .number()
        .int()
        .min(1)
        .max(10)
        .default(1)
        .meta({ description: 'Best candidates that stay as they are' }),
      crossover: z
        .number()
        .min(0)
        .max(1)
        .default(0.3)
        .meta({ description: 'Share of candidates that are made of two parents' }),
      holdoutPenalty: z.number().min(0).default(1).meta({ description: 'α of the objective J' }),
      maxAgentRuns: z
        .number()
        .int()
        .min(1)
        .default(400)
        .meta({ description: 'Per cycle, search and tests together' }),
      maxProposals: z.number().int().min(1).default(40).meta({ description: 'Per cycle' }),
      concurrency: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(4)
        .meta({ description: 'Agent runs at a time' }),
      timeoutMs: z.number().positive().default(60_000).meta({ description: 'For one agent run' }),
    })
    .prefault({}),
  gate: z
    .strictObject({
      autoDeployUpTo: z
        .enum(['none', 'low', 'medium', 'high'])
        .default('low')
        .meta({ description: 'Highest risk level that is released without a person' }),
      maxChangesPerDay: z
        .number()
        .int()
        .min(0)
        .default(4)
        .meta({ description: 'Released changes in 24 hours' }),
      maxChangesPerWeek: z
        .number()
        .int()
        .min(0)
        .default(12)
        .meta({ description: 'Released changes in 7 days' }),
      maxDiffChars: z
        .number()
        .int()
        .min(1)
        .default(4000)
        .meta({ description: 'Characters that one change may add and remove' }),
      freeze: z
        .array(z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }))
        .default([])
        .meta({ description: 'Times in which nothing is released' }),
      approvalHours: z
        .number()
        .positive()
        .default(72)
        .meta({ description: 'A decision that waits for a person expires after so long' }),
    })
    .prefault({}),
  release: z
    .strictObject({
      canary: z
        .boolean()
        .default(true)
        .meta({ description: 'Release in steps; false promotes at once' }),
      steps: z.array(z.number().positive().lt(1)).min(1).default([0.2, 0.5]).meta({
        description:
          'Shares of sessions, ascending; with all of them nothing is left to compare with',
      }),
      minRunsPerStep: z
        .number()
        .int()
        .min(1)
        .default(20)
        .meta({ description: 'Runs of the new version before a step' }),
      alpha: z
        .number()
        .positive()
        .max(0.2)
        .default(0.05)
        .meta({ description: 'Chance of a wrong judgement, however often one looks' }),
      margin: z
        .number()
        .positive()
        .max(0.5)
        .default(0.1)
        .meta({ description: 'The largest loss in production that counts as no loss' }),
      monitoringHours: z
        .number()
        .positive()
        .default(24)
        .meta({ description: 'How long a promoted version is watched' }),
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
      minFailures: z
        .number()
        .int()
        .min(1)
        .default(3)
        .meta({ description: 'A smaller cluster is no target' }),
      coolDownHours: z
        .number()
        .min(0)
        .default(24)
        .meta({ description: 'An abandoned target is left alone for so long' }),
    })
    .prefault({}),
})
export type Policy = z.infer<typeof policy>
