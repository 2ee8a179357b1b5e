import { z } from 'zod'
import { agentConfig, configPatch } from './agent-config.ts'
import { rankedCluster } from './cluster.ts'
import { deploymentDecision, risk } from './decision.ts'
import { evidence } from './evidence.ts'
import { count, digest, isoTime } from './scalars.ts'
import { task } from './task.ts'

export const CYCLE_OUTCOMES = [
  'NoChange',
  'Rejected',
  'PendingReview',
  'Canary',
  'Deployed',
  'RolledBack',
] as const
export type CycleOutcome = (typeof CYCLE_OUTCOMES)[number]

const common = { cycleId: z.string(), agent: z.string(), at: isoTime }

/** The paired plan of a regression test, recorded before the first run of it. */
export const testPlan = z.object({
  taskIds: z.array(z.string()).meta({ description: 'In the random order in which they are run' }),
  targetTaskIds: z.array(z.string()),
  guardrailTaskIds: z.array(z.string()),
  replicates: z.number().int().min(1),
  seed: z.number().int(),
  margin: z.number().positive(),
  alpha: z.number().positive(),
  method: z.string(),
  metrics: z.array(z.string()),
})
export type TestPlan = z.infer<typeof testPlan>

/**
 * The controller's own history of one cycle. The fold of these events is the whole state: the shell appends first
 * and acts afterwards, so that a restart goes on where the last event stands.
 */
export const cycleEvent = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.literal('cycle-started'),
    cluster: rankedCluster,
    baseline: z.object({ digest, config: agentConfig }),
    seed: z.number().int(),
    policyDigest: digest,
    maxAgentRuns: count,
  }),
  z.object({
    ...common,
    type: z.literal('suite-prepared'),
    tasks: z.array(task).meta({ description: 'Every task with its split decided' }),
    suiteDigest: digest,
    generated: count,
    agentRuns: count.default(0).meta({ description: 'Spent on verifying generated tests' }),
  }),
  z.object({
    ...common,
    type: z.literal('search-started'),
    round: count,
    constraints: z.array(z.string()),
  }),
  z.object({
    ...common,
    type: z.literal('candidate-proposed'),
    round: count,
    digest,
    parent: digest,
    config: agentConfig,
    patch: configPatch,
    operator: z.string(),
    hypothesis: z.string(),
    orderId: z.string().optional().meta({ description: 'The proposal order that it answers' }),
    orderCandidates: count.optional().meta({
      description: 'How many candidates answer that order: an order is answered when all are here',
    }),
  }),
  z.object({
    ...common,
    type: z.literal('search-finished'),
    round: count,
    best: digest.nullable(),
    reason: z.string(),
    agentRuns: count,
    proposals: count,
  }),
  z.object({ ...common, type: z.literal('test-planned'), round: count, digest, plan: testPlan }),
  z.object({
    ...common,
    type: z.literal('test-finished'),
    round: count,
    digest,
    passed: z.boolean(),
    evidence: z.array(evidence),
    regressedTaskIds: z.array(z.string()),
    reasons: z.array(z.string()).default([]),
    agentRuns: count,
  }),
  z.object({
    ...common,
    type: z.literal('gate-decided'),
    digest,
    verdict: z.enum(['reject', 'retry', 'pending-review', 'canary', 'deploy']),
    risk,
    reasons: z.array(z.string()),
  }),
  z.object({
    ...common,
    type: z.literal('decision-made'),
    decision: deploymentDecision,
    commandId: z
      .string()
      .optional()
      .meta({ description: 'The command of a person that it answers' }),
  }),
  z.object({
    ...common,
    type: z.literal('review-given'),
    decisionId: z.string(),
    approved: z.boolean(),
    reviewer: z.string(),
    comment: z.string(),
    commandId: z.string().optional(),
  }),
  z.object({
    ...common,
    type: z.literal('release-judged'),
    digest,
    verdict: z.enum(['step', 'promote', 'hold', 'rollback']),
    weight: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'Share of sessions at which it was judged; 1 after the promotion' }),
    evidence: z.array(evidence),
    reason: z.string(),
  }),
  z.object({
    ...common,
    type: z.literal('cycle-finished'),
    outcome: z.enum(CYCLE_OUTCOMES),
    reason: z.string(),
    coolDownUntil: isoTime.nullable(),
  }),
])
export type CycleEvent = z.infer<typeof cycleEvent>
