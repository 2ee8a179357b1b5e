import { z } from 'zod'
import { count, isoTime, unitScore } from './scalars.ts'

export const ROOT_CAUSE_TYPES = [
  'prompt',
  'harness',
  'scaffold',
  'model',
  'environment',
  'unknown',
] as const
export type RootCauseType = (typeof ROOT_CAUSE_TYPES)[number]

/** What a model says of one failed run: the step is a pointer, there is no room for words. */
export const traceCause = z.object({
  traceId: z.string(),
  spanId: z.string().nullable(),
  rootCauseType: z.enum(ROOT_CAUSE_TYPES),
  confidence: unitScore,
})
export type TraceCause = z.infer<typeof traceCause>

/** A closed schema: what may be said about a cluster. Evidence is pointers, never text of a trace. */
export const diagnosis = z.object({
  rootCauseType: z.enum(ROOT_CAUSE_TYPES),
  component: z.string().max(200).meta({
    description: 'What to change: a prompt id, a tool name, `output`, `retry`, `context`, or empty',
  }),
  hypothesis: z.string().max(600).meta({ description: 'In own words, not quoted from a trace' }),
  rule: z
    .string()
    .max(300)
    .meta({ description: 'What the agent should do instead, in own words; empty when not known' }),
  evidence: z.array(z.object({ traceId: z.string(), spanId: z.string().nullable() })).max(20),
  confidence: unitScore,
  source: z.enum(['model', 'deterministic']),
  traces: z
    .array(traceCause)
    .max(20)
    .optional()
    .meta({ description: 'What single runs say, where the cluster was looked at run by run' }),
  clusterType: z.enum(ROOT_CAUSE_TYPES).optional().meta({
    description: 'What the cluster as a whole looked like before its single runs were asked',
  }),
  membership: z.string().optional().meta({
    description: 'Digest of what the diagnosis was made of: equal ones need no second question',
  }),
})
export type Diagnosis = z.infer<typeof diagnosis>

/** A cluster as ranked at `asOf`: priority = failures · (1 − meanScore) · recency, exactly. */
export const rankedCluster = z.object({
  id: z.string(),
  agent: z.string(),
  taskType: z.string().nullable(),
  rank: z.number().int().min(1),
  failures: count,
  meanScore: unitScore,
  hoursSinceLatest: z.number().min(0),
  recency: unitScore,
  priority: z.number().min(0),
  rootCauseType: z.enum(ROOT_CAUSE_TYPES),
  summary: z.string(),
  exampleTraceIds: z.array(z.string()).max(5),
  users: count,
  sessions: count,
  latestAt: isoTime,
  diagnosis,
  novelty: unitScore
    .optional()
    .meta({ description: '1 where it has just emerged, half after each half-life' }),
  trend: z.number().optional().meta({
    description: 'log2 of failures in the last day against the day before, each and a half',
  }),
  frozen: z
    .boolean()
    .optional()
    .meta({ description: 'A fix for it is under way: its failures stay as they are' }),
  waiting: count
    .optional()
    .meta({ description: 'Failures that will join it when the fix under way has ended' }),
  reopenedAt: isoTime
    .nullable()
    .optional()
    .meta({ description: 'When it last returned after it had been closed' }),
})
export type RankedCluster = z.infer<typeof rankedCluster>

/** The ranking of the failures of one task type. Task type null: of runs that have none. */
export const taskTypeRanking = z.object({
  taskType: z.string().nullable(),
  failures: count,
  noise: count,
  clusters: z.array(
    z.object({
      id: z.string(),
      rank: z.number().int().min(1),
      failures: count,
      meanScore: unitScore,
      hoursSinceLatest: z.number().min(0),
      recency: unitScore,
      priority: z.number().min(0),
    }),
  ),
})

/** The ranking of one agent: the whole list each time, so that the newest record is the state. */
export const clusterRanking = z.object({
  agent: z.string(),
  asOf: isoTime,
  windowHours: z.number().positive(),
  halfLifeHours: z.number().positive(),
  failuresInWindow: count,
  noise: count.meta({ description: 'Failures in the window that belong to no cluster' }),
  clusters: z.array(rankedCluster).meta({ description: 'The first 200' }),
  openClusters: count.optional().meta({ description: 'How many have failures in the window' }),
  kinds: count.optional().meta({ description: 'Distinct fingerprints in the window' }),
  unseen: z
    .object({ probability: unitScore, low: unitScore, high: unitScore, kinds: z.number().min(0) })
    .optional()
    .meta({
      description:
        'Kinds of failure that the window does not have: probability that the next failure is of one, with its 95 % interval (Good, Turing), and at least how many there are (Chao)',
    }),
  taskTypes: z
    .array(taskTypeRanking)
    .optional()
    .meta({ description: 'The fifty task types with most failures, each with its first twenty' }),
})
export type ClusterRanking = z.infer<typeof clusterRanking>

/** Lineage: what became of a cluster's identity at a re-clustering. */
export const clusterEvent = z.object({
  clusterId: z.string(),
  agent: z.string(),
  kind: z.enum(['emerged', 'survived', 'split', 'merged', 'vanished', 'reopened']),
  relatedIds: z.array(z.string()).default([]),
  failures: count,
  at: isoTime,
})
export type ClusterEvent = z.infer<typeof clusterEvent>
