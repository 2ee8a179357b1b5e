import { z } from 'zod'
import { agentConfig, configPatch } from './agent-config.ts'
import { evidence } from './evidence.ts'
import { digest, isoTime } from './scalars.ts'

export const DECISIONS = [
  'promote',
  'canary',
  'hold',
  'reject',
  'rollback',
  'pending-review',
] as const
export type DecisionKind = (typeof DECISIONS)[number]

export const risk = z.object({
  level: z.enum(['low', 'medium', 'high']),
  score: z.number().min(0).max(1),
  reasons: z.array(z.string()),
})
export type Risk = z.infer<typeof risk>

/** What downstream services subscribe to. The same `id` is the same decision: act on it once. */
export const deploymentDecision = z.object({
  id: z.string(),
  decision: z.enum(DECISIONS),
  agent: z.string(),
  fromVersion: digest.nullable(),
  toVersion: digest,
  artifact: z.object({
    digest,
    config: agentConfig
      .optional()
      .meta({ description: 'The whole configuration to run from now on' }),
    href: z.string().optional(),
  }),
  patch: configPatch.meta({ description: 'RFC 6902, from `fromVersion` to `toVersion`' }),
  canary: z
    .object({ weight: z.number().min(0).max(1), salt: z.string() })
    .nullable()
    .meta({ description: 'While a canary runs: share of sessions and salt of their hash' }),
  targetCluster: z.object({ id: z.string(), summary: z.string() }).nullable(),
  evidence: z.array(evidence),
  risk,
  reason: z.string(),
  approver: z.string().nullable(),
  expiresAt: isoTime.nullable(),
  idempotencyKey: z.string(),
  policyDigest: digest.nullable(),
  causation: z.object({
    clusterId: z.string().nullable(),
    cycleId: z.string().nullable(),
    exampleTraceIds: z.array(z.string()),
  }),
  at: isoTime,
})
export type DeploymentDecision = z.infer<typeof deploymentDecision>
