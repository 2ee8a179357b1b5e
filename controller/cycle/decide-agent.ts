import type { ClusterRanking } from '../../schemas/cluster.ts'
import { seedOf } from '../../schemas/seeded-random.ts'
import type { AgentState } from './agent-state.ts'
import { chooseTarget } from './choose-target.ts'
import { decide } from './decide.ts'
import { append, type Facts, isoOf, type Next, wait } from './facts.ts'

export interface AgentFacts extends Facts {
  /** The newest ranking; null before the first. */
  readonly ranking: ClusterRanking | null
  /** Seed of all random choices of the loop. */
  readonly seed: number
  /** Paused: nothing new is begun and no agent is run; releases are still looked after. */
  readonly paused: boolean
}

/**
 * What comes next for one agent. Decisions that are due go before work, work before a new cycle, and a new cycle begins
 * only when none is going on.
 */
export const decideAgent = (agent: AgentState, facts: AgentFacts): Next => {
  const nexts = agent.cycles
    .filter(({ stage, judgement }) => stage !== 'finished' || judgement !== null)
    .map((cycle) => ({ cycle, next: decide(cycle, facts) }))
  const due = nexts.find(({ next }) => next.type === 'append')
  if (due !== undefined) return due.next
  if (facts.paused) return wait('paused')
  const open = nexts.find(({ cycle }) => cycle.stage !== 'finished')
  return open === undefined ? beginCycle(agent, facts) : open.next
}

const beginCycle = (agent: AgentState, facts: AgentFacts): Next => {
  const { ranking, policy, policyDigest, live, nowMs } = facts
  const cluster = ranking === null ? null : chooseTarget(agent, ranking, policy, nowMs)
  if (cluster === null) return wait('no cluster to repair')
  const cycleId = `${agent.agent}-${agent.cycles.length + 1}`
  return append({
    type: 'cycle-started',
    cycleId,
    agent: agent.agent,
    at: isoOf(nowMs),
    cluster,
    baseline: { digest: live.stable.digest, config: live.stable.config },
    seed: seedOf(`${facts.seed}/${cycleId}`),
    policyDigest,
    maxAgentRuns: policy.search.maxAgentRuns,
  })
}
