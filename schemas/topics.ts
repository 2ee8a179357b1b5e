import type { z } from 'zod'
import { agentRun } from './agent-run.ts'
import { clusterEvent, clusterRanking } from './cluster.ts'
import { cycleEvent } from './cycle-event.ts'
import { deploymentDecision } from './decision.ts'
import { evaluation } from './evaluation.ts'
import { attempt, auditEntry, command, deadLetter } from './operation-events.ts'
import { signal } from './signal.ts'

export interface Topic {
  readonly name: string
  /** `otlp` carries OTLP protobuf as the Collector writes it; `event` carries CloudEvents in binary mode. */
  readonly content: 'otlp' | 'event'
  readonly schema: z.ZodType | null
  /** CloudEvents type of its events. */
  readonly type: string | null
  readonly key: string
  readonly partitions: number
  /** null keeps records for ever. */
  readonly retentionHours: number | null
  readonly producers: string
  readonly consumers: string
}

/** A topic of events keeps its schema's type, so that what is decoded is typed. */
export type EventTopic<Schema extends z.ZodType = z.ZodType> = Topic & { readonly schema: Schema }

const event = <Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  rest: Omit<Topic, 'name' | 'schema' | 'content' | 'type'>,
): EventTopic<Schema> => ({ name, schema, content: 'event', type: `dev.${name}`, ...rest })

/** The one table of topics. AsyncAPI and the README's table are generated from it. */
export const TOPICS = {
  spans: {
    name: 'otlp_spans',
    content: 'otlp',
    schema: null,
    type: null,
    key: 'trace id',
    partitions: 12,
    retentionHours: 72,
    producers: 'receiver or Collector',
    consumers: 'writer',
  },
  logs: {
    name: 'otlp_logs',
    content: 'otlp',
    schema: null,
    type: null,
    key: 'trace id',
    partitions: 12,
    retentionHours: 72,
    producers: 'receiver or Collector',
    consumers: 'writer',
  },
  signals: event('neosigma.signals.v1', signal, {
    key: 'trace id',
    partitions: 12,
    retentionHours: 720,
    producers: 'api, users',
    consumers: 'runs',
  }),
  runs: event('neosigma.runs.v1', agentRun, {
    key: 'trace id',
    partitions: 12,
    retentionHours: 168,
    producers: 'runs',
    consumers: 'miner, monitor',
  }),
  rankedClusters: event('neosigma.ranked-clusters.v1', clusterRanking, {
    key: 'agent',
    partitions: 1,
    retentionHours: 168,
    producers: 'miner',
    consumers: 'controller',
  }),
  clusterEvents: event('neosigma.cluster-events.v1', clusterEvent, {
    key: 'cluster id',
    partitions: 1,
    retentionHours: null,
    producers: 'miner',
    consumers: 'users',
  }),
  cycleEvents: event('neosigma.cycle-events.v1', cycleEvent, {
    key: 'agent',
    partitions: 1,
    retentionHours: null,
    producers: 'controller',
    consumers: 'controller, monitor, miner, api',
  }),
  evaluations: event('neosigma.evaluations.v1', evaluation, {
    key: 'cycle id',
    partitions: 1,
    retentionHours: null,
    producers: 'controller',
    consumers: 'controller',
  }),
  decisions: event('neosigma.deployment-decisions.v1', deploymentDecision, {
    key: 'agent',
    partitions: 1,
    retentionHours: null,
    producers: 'controller',
    consumers: 'api, downstream services',
  }),
  audit: event('neosigma.audit.v1', auditEntry, {
    key: 'actor',
    partitions: 1,
    retentionHours: null,
    producers: 'api',
    consumers: 'users',
  }),
  commands: event('neosigma.commands.v1', command, {
    key: 'agent',
    partitions: 1,
    retentionHours: 720,
    producers: 'api, command line',
    consumers: 'controller',
  }),
  deadLetter: event('neosigma.dead-letter.v1', deadLetter, {
    key: 'topic',
    partitions: 1,
    retentionHours: 720,
    producers: 'every consumer',
    consumers: 'users',
  }),
  attempts: event('neosigma.attempts.v1', attempt, {
    key: 'group',
    partitions: 1,
    retentionHours: 24,
    producers: 'every consumer',
    consumers: 'every consumer',
  }),
} as const satisfies Record<string, Topic>

export const topicByName = (name: string): Topic | undefined =>
  Object.values(TOPICS).find((topic) => topic.name === name)
