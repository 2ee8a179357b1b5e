import { expect } from 'vitest'
import {
  type AgentState,
  changesOf,
  evolveAgent,
  initialAgent,
} from '../../controller/cycle/agent-state.ts'
import { assignSplits } from '../../controller/cycle/assign-splits.ts'
import { type AgentFacts, decideAgent } from '../../controller/cycle/decide-agent.ts'
import { type CommandAnswer, decideCommand } from '../../controller/cycle/decide-command.ts'
import type { Next } from '../../controller/cycle/facts.ts'
import { liveConfiguration } from '../../controller/release/live-configuration.ts'
import { type AgentConfig, configDigest } from '../../schemas/agent-config.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import type { RankedCluster } from '../../schemas/cluster.ts'
import { type CycleEvent, cycleEvent } from '../../schemas/cycle-event.ts'
import type { DecisionKind } from '../../schemas/decision.ts'
import type { Evidence } from '../../schemas/evidence.ts'
import type { Command } from '../../schemas/operation-events.ts'
import { type Policy, policy } from '../../schemas/policy.ts'
import type { Task } from '../../schemas/task.ts'
import { aCluster, aRanking, shopConfig, shopTasks } from './a-shop.ts'

export const NOW_MS = Date.parse('2026-01-01T12:00:00.000Z')
export const at = (hours: number): string => new Date(NOW_MS + 3_600_000 * hours).toISOString()

const common = { cycleId: 'shop-1', agent: 'shop', at: at(0) }
const BASELINE = { digest: configDigest(shopConfig()), config: shopConfig() }
const SPLIT = assignSplits(shopTasks(), aCluster(), { seed: 1, fewest: 10 })

export const candidateConfig = (name: string): AgentConfig => {
  const config = shopConfig()
  const main = [...(config.prompts['main'] ?? []), { id: name, text: `Mind ${name}.` }]
  return { ...config, prompts: { main } }
}
export const candidateDigest = (name: string): string => configDigest(candidateConfig(name))

export const someEvidence = (overrides: Partial<Evidence> = {}): Evidence => ({
  metric: 'success',
  role: 'target',
  method: 'paired-bounded-mean',
  n: 12,
  effect: 0.9,
  interval: [0.5, 1],
  verdict: 'superior',
  margin: 0.1,
  alpha: 0.05,
  pValue: 0.001,
  minimalDetectableEffect: 0.3,
  nNeeded: null,
  reasons: [],
  ...overrides,
})

/** Events of one cycle, in the words of its story. */
export const told = {
  started: (cluster: RankedCluster = aCluster(), cycleId = 'shop-1'): CycleEvent => ({
    ...common,
    cycleId,
    type: 'cycle-started',
    cluster,
    baseline: BASELINE,
    seed: 1,
    policyDigest: digestOf({}),
    maxAgentRuns: 1000,
  }),
  prepared: (tasks: readonly Task[] = SPLIT): CycleEvent => ({
    ...common,
    type: 'suite-prepared',
    tasks: [...tasks],
    suiteDigest: digestOf(tasks),
    generated: 0,
    agentRuns: 0,
  }),
  searching: (round = 0, constraints: readonly string[] = []): CycleEvent => ({
    ...common,
    type: 'search-started',
    round,
    constraints: [...constraints],
  }),
  proposed: (name: string, round = 0): CycleEvent => ({
    ...common,
    type: 'candidate-proposed',
    round,
    digest: candidateDigest(name),
    parent: BASELINE.digest,
    config: candidateConfig(name),
    patch: [{ op: 'add', path: '/prompts/main/1', value: { id: name, text: `Mind ${name}.` } }],
    operator: 'directed-edit',
    hypothesis: `The agent has to mind ${name}.`,
    orderId: 'generation-1/edit-0',
    orderCandidates: 1,
  }),
  searched: (best: string | null, round = 0, agentRuns = 60): CycleEvent => ({
    ...common,
    type: 'search-finished',
    round,
    best: best === null ? null : candidateDigest(best),
    reason: best === null ? 'stagnation' : 'full-marks',
    agentRuns,
    proposals: 4,
  }),
  planned: (name: string, round = 0): CycleEvent => ({
    ...common,
    type: 'test-planned',
    round,
    digest: candidateDigest(name),
    plan: {
      taskIds: ['refund-0', 'delivery-0'],
      targetTaskIds: ['refund-0'],
      guardrailTaskIds: ['delivery-0'],
      replicates: 1,
      seed: 1,
      margin: 0.1,
      alpha: 0.05,
      method: 'paired-bounded-mean',
      metrics: ['success'],
    },
  }),
  tested: (name: string, passed: boolean, round = 0): CycleEvent => ({
    ...common,
    type: 'test-finished',
    round,
    digest: candidateDigest(name),
    passed,
    evidence: [
      someEvidence(),
      someEvidence({ role: 'guardrail', verdict: passed ? 'non-inferior' : 'inferior' }),
    ],
    regressedTaskIds: passed ? [] : ['delivery-0', 'delivery-1'],
    reasons: passed ? [] : ['guardrail success: inferior'],
    agentRuns: 84,
  }),
  judged: (
    name: string,
    verdict: 'step' | 'promote' | 'hold' | 'rollback',
    weight: number,
  ): CycleEvent => ({
    ...common,
    type: 'release-judged',
    digest: candidateDigest(name),
    verdict,
    weight,
    evidence: [someEvidence({ role: 'production' })],
    reason: 'as seen in production',
  }),
}

/** The whole way of a candidate from the search to the end of its test. */
export const candidateTested = (
  name: string,
  passed: boolean,
  round = 0,
): readonly CycleEvent[] => [
  told.searching(round),
  told.proposed(name, round),
  told.searched(name, round),
  told.planned(name, round),
  told.tested(name, passed, round),
]

export const fold = (events: readonly CycleEvent[]): AgentState =>
  events.reduce(evolveAgent, initialAgent('shop'))

export interface Situation {
  readonly policy?: Policy
  readonly hours?: number
  readonly clusters?: readonly RankedCluster[]
  readonly paused?: boolean
  /** What the agent ran before the first decision, where somebody has edited that. */
  readonly start?: AgentConfig
}

export const factsAbout = (agent: AgentState, situation: Situation = {}): AgentFacts => ({
  nowMs: NOW_MS + 3_600_000 * (situation.hours ?? 0),
  policy: situation.policy ?? policy.parse({ test: { margin: 0.1 } }),
  policyDigest: digestOf({}),
  live: liveConfiguration(situation.start ?? shopConfig(), agent.decisions),
  changes: changesOf(agent),
  rejected: agent.rejected,
  ranking: aRanking(situation.clusters ?? [aCluster()]),
  seed: 1,
  paused: situation.paused ?? false,
})

/** Given a history (and what is decided from it until somebody has to be waited for), what comes next. */
export const given = (...history: readonly (CycleEvent | readonly CycleEvent[])[]) => {
  const events = history.flat()
  const when = (situation: Situation = {}) => {
    const next = decideAgent(fold(events), factsAbout(fold(events), situation))
    return {
      next,
      thenEmits: (...expected: readonly object[]) => {
        expect(next).toMatchObject({ type: 'append', events: expected })
        return given(...events, ...emitted(next))
      },
      thenDecides: (kind: DecisionKind, expected: object = {}) => {
        expect(next).toMatchObject({
          events: [{ type: 'decision-made', decision: { decision: kind, ...expected } }],
        })
        return given(...events, ...emitted(next))
      },
      thenWorks: (type: 'prepare-suite' | 'search' | 'test') =>
        expect(next).toMatchObject({ type: 'work', work: { type } }),
      thenWaitsFor: (reason: string) => expect(next).toMatchObject({ type: 'wait', reason }),
    }
  }
  return {
    events,
    agent: () => fold(events),
    when,
    /** Everything that is decided without work, news or time. */
    settled: (situation: Situation = {}) => {
      let all: readonly CycleEvent[] = events
      for (;;) {
        const agent = fold(all)
        const fresh = emitted(decideAgent(agent, factsAbout(agent, situation)))
        // A new cycle is another story.
        if (fresh.length === 0 || fresh[0]?.type === 'cycle-started') return given(...all)
        all = [...all, ...fresh]
      }
    },
    command: (command: Command, situation: Situation = {}): CommandAnswer =>
      decideCommand(fold(events), factsAbout(fold(events), situation), command),
  }
}

/** As the log gives them back. */
const emitted = (next: Next): readonly CycleEvent[] =>
  next.type === 'append' ? next.events.map((event) => cycleEvent.parse(event)) : []

export const aReview = (
  decisionId: string,
  approved: boolean,
  overrides: Partial<Extract<Command, { type: 'review' }>> = {},
): Command => ({
  type: 'review',
  id: `review-${decisionId.slice(-8)}`,
  agent: 'shop',
  decisionId,
  approved,
  reviewer: 'kim',
  comment: '',
  at: at(0),
  ...overrides,
})

export const aRollBack = (
  overrides: Partial<Extract<Command, { type: 'rollback' }>> = {},
): Command => ({
  type: 'rollback',
  id: 'rollback-1',
  agent: 'shop',
  to: null,
  reviewer: 'kim',
  comment: 'customers complain',
  at: at(0),
  ...overrides,
})
