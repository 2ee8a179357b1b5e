import { digestOf } from '../../../schemas/canonical-json.ts'
import type { CycleEvent } from '../../../schemas/cycle-event.ts'
import type { Evaluation } from '../../../schemas/evaluation.ts'
import type {
  AttemptNote,
  AuditEntry,
  Command,
  DeadLetter,
} from '../../../schemas/operation-events.ts'
import { policy } from '../../../schemas/policy.ts'
import { AFTER, AGENT, BEFORE, versionOf } from './agent.ts'
import type { Example } from './example.ts'
import { CLUSTER } from './mining.ts'

const started: CycleEvent = {
  type: 'cycle-started',
  cycleId: 'cycle-7',
  agent: AGENT,
  at: '2026-03-02T10:00:01.000Z',
  cluster: CLUSTER,
  baseline: versionOf(BEFORE),
  seed: 1,
  policyDigest: digestOf(policy.parse({})),
  maxAgentRuns: 400,
}

const finished: CycleEvent = {
  type: 'cycle-finished',
  cycleId: 'cycle-7',
  agent: AGENT,
  at: '2026-03-03T11:00:00.000Z',
  outcome: 'Deployed',
  reason: 'monitored for 24 hours without a drop',
  coolDownUntil: null,
}

const evaluation: Evaluation = {
  id: digestOf({ cycleId: 'cycle-7', stage: 'search', taskId: 'refund-1', replicate: 0 }),
  agent: AGENT,
  cycleId: 'cycle-7',
  stage: 'search',
  candidate: versionOf(AFTER).digest,
  taskId: 'refund-1',
  split: 'fix',
  replicate: 0,
  seed: 2_654_435_769,
  epoch: 'e1',
  status: 'ok',
  score: 1,
  passed: true,
  metrics: { latencyMs: 900, outputTokens: 38 },
  output: 'What is your order number?',
  error: null,
  at: '2026-03-02T10:05:00.000Z',
}

const review: Command = {
  type: 'review',
  id: 'review-1',
  agent: AGENT,
  decisionId: digestOf('a decision that waits for a review'),
  approved: true,
  reviewer: 'ada@example.com',
  comment: 'read the diff',
  at: '2026-03-02T12:00:00.000Z',
}

const rollback: Command = {
  type: 'rollback',
  id: 'rollback-1',
  agent: AGENT,
  to: null,
  reviewer: 'ada@example.com',
  comment: 'customers complain',
  at: '2026-03-02T13:00:00.000Z',
}

const audit: AuditEntry = {
  id: 'audit-1',
  actor: 'ada@example.com',
  action: 'rollback',
  target: AGENT,
  detail: { commandId: 'rollback-1' },
  at: '2026-03-02T13:00:00.000Z',
}

const deadLetter: DeadLetter = {
  id: 'otlp_spans/3/1042',
  topic: 'otlp_spans',
  partition: 3,
  offset: '1042',
  consumer: 'neosigma-writer',
  code: 'payload-malformed',
  reason: 'the record ends within a field',
  attempts: 1,
  key: '4bf92f3577b34da6a3ce929d0e0e4736',
  headers: {},
  valueBase64: 'Cg==',
  at: '2026-03-01T10:00:00.000Z',
}

const attempt: AttemptNote = {
  id: '1f0c5a52-6f3e-4f0e-9a53-6c0b1f6d2a11',
  group: 'neosigma-writer',
  topic: 'otlp_spans',
  partition: 3,
  first: '1000',
  last: '1042',
  state: 'failed',
  reason: 'The writer contradicts itself.',
  at: '2026-03-01T10:00:00.000Z',
}

export const operationExamples: readonly Example[] = [
  { name: 'cycle-started', contract: 'cycle-event', value: started },
  { name: 'cycle-finished', contract: 'cycle-event', value: finished },
  { name: 'evaluation', contract: 'evaluation', value: evaluation },
  { name: 'command-review', contract: 'command', value: review },
  { name: 'command-rollback', contract: 'command', value: rollback },
  { name: 'audit-entry', contract: 'audit-entry', value: audit },
  { name: 'dead-letter', contract: 'dead-letter', value: deadLetter },
  { name: 'attempt', contract: 'attempt', value: attempt },
]
