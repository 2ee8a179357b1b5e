import type { AgentRun } from '../../../schemas/agent-run.ts'
import type { ClusterEvent, ClusterRanking, RankedCluster } from '../../../schemas/cluster.ts'
import type { Signal } from '../../../schemas/signal.ts'
import { AGENT, BEFORE, versionOf } from './agent.ts'
import type { Example } from './example.ts'

const TRACE_IDS = [
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '7d1f0a51c3e2498ab6d4f8e09c215b73',
  'c0ffee254729296a45a3885639ac7e10',
]
const [TRACE_ID = ''] = TRACE_IDS

/** priority = failures · (1 − meanScore) · recency: 12 · 0.75 · 0.5. */
export const CLUSTER: RankedCluster = {
  id: 'c-01jd3m9t6v',
  agent: AGENT,
  taskType: 'refund',
  rank: 1,
  failures: 12,
  meanScore: 0.25,
  hoursSinceLatest: 24,
  recency: 0.5,
  priority: 4.5,
  rootCauseType: 'prompt',
  summary: 'refund_order is called for orders that were not looked up',
  exampleTraceIds: TRACE_IDS,
  users: 9,
  sessions: 11,
  latestAt: '2026-03-01T10:00:00.000Z',
  diagnosis: {
    rootCauseType: 'prompt',
    component: 'system',
    hypothesis: 'Nothing tells the agent to look an order up before it refunds it.',
    rule: 'Look an order up before it is refunded.',
    evidence: [{ traceId: TRACE_ID, spanId: '00f067aa0ba902b7' }],
    confidence: 0.8,
    source: 'model',
  },
}

const ranking: ClusterRanking = {
  agent: AGENT,
  asOf: '2026-03-02T10:00:00.000Z',
  windowHours: 168,
  halfLifeHours: 24,
  failuresInWindow: 14,
  noise: 2,
  clusters: [CLUSTER],
}

const lineage: ClusterEvent = {
  clusterId: CLUSTER.id,
  agent: AGENT,
  kind: 'emerged',
  relatedIds: [],
  failures: 12,
  at: '2026-03-01T10:00:05.000Z',
}

const step = { agent: AGENT, durationMs: 210, startedAt: '2026-03-01T10:00:00.100Z' }
const run: AgentRun = {
  traceId: TRACE_ID,
  revision: '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9',
  agent: AGENT,
  agentVersion: versionOf(BEFORE).digest,
  promptName: 'system',
  promptVersion: '3',
  taskType: 'refund',
  sessionId: 'session-81',
  userId: null,
  dialect: 'gen-ai',
  model: 'gpt-4o-mini',
  startedAt: '2026-03-01T10:00:00.000Z',
  endedAt: '2026-03-01T10:00:01.500Z',
  durationMs: 1500,
  outcome: 'fail',
  score: 0,
  scores: [
    {
      name: 'user_feedback',
      source: 'web-shop',
      type: 'explicit',
      value: 0,
      weight: 1,
      version: null,
      explanation: null,
    },
  ],
  modelCalls: 1,
  toolCalls: 1,
  inputTokens: 350,
  outputTokens: 40,
  costUsd: null,
  input: 'Please refund my order 1042.',
  output: 'I am sorry, this did not work.',
  error: null,
  steps: [
    {
      ...step,
      spanId: '0af7651916cd43dd',
      parentSpanId: null,
      kind: 'llm',
      name: 'chat gpt-4o-mini',
      model: 'gpt-4o-mini',
      input: null,
      output: null,
      error: null,
      inputTokens: 350,
      outputTokens: 40,
    },
    {
      ...step,
      spanId: '00f067aa0ba902b7',
      parentSpanId: null,
      kind: 'tool',
      name: 'refund_order',
      model: null,
      input: '{"orderId":"1042"}',
      output: null,
      error: { type: 'Conflict', message: 'order 1042 was not looked up' },
      inputTokens: null,
      outputTokens: null,
    },
  ],
  truncated: false,
}

const signal: Signal = {
  id: 'web-shop/feedback/99',
  traceId: TRACE_ID,
  name: 'user_feedback',
  type: 'explicit',
  value: 0,
  label: 'down',
  explanation: null,
  source: 'web-shop',
  version: null,
  userId: null,
  at: '2026-03-01T10:02:00.000Z',
}

export const miningExamples: readonly Example[] = [
  { name: 'agent-run', contract: 'agent-run', value: run },
  { name: 'signal', contract: 'signal', value: signal },
  { name: 'cluster-ranking', contract: 'cluster-ranking', value: ranking },
  { name: 'cluster-event', contract: 'cluster-event', value: lineage },
]
