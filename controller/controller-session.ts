import type { AgentSettings } from '../pipeline/service-runtime/configuration.ts'
import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import { type AgentConfig, agentConfig } from '../schemas/agent-config.ts'
import { digestOf } from '../schemas/canonical-json.ts'
import type { AgentRunner } from './agent-runner/agent-runner.ts'
import { changesOf } from './cycle/agent-state.ts'
import type { AgentFacts } from './cycle/decide-agent.ts'
import type { CycleView } from './cycle-view.ts'
import type { EvaluationLedger } from './evaluation/evaluation-ledger.ts'
import type { DecisionOutbox } from './publish-decisions.ts'
import { liveConfiguration } from './release/live-configuration.ts'

/** What one ownership of the agents has: from the moment that this process owns them until it does not any more. */
export interface ControllerSession {
  readonly context: RoleContext
  readonly view: CycleView
  readonly outbox: DecisionOutbox
  readonly openRunner: (run: string) => Promise<AgentRunner>
  /** The ledger of each agent's latest cycle, read once. */
  readonly ledgers: Map<string, { readonly cycleId: string; readonly ledger: EvaluationLedger }>
  /** The configurations with which the loop begins, as last read. */
  readonly starts: Map<string, AgentConfig>
  readonly signal: AbortSignal
}

export interface ImprovedAgent {
  readonly session: ControllerSession
  readonly name: string
  readonly settings: AgentSettings
}

/** What a decision about an agent may depend on, as of now. */
export const factsOf = ({ session, name, settings }: ImprovedAgent): AgentFacts => {
  const { context, view, starts } = session
  const { controller } = context.configuration
  const agent = view.agent(name)
  // Without a readable file what the first cycle began with is the best knowledge of where it all began.
  const start = starts.get(name) ?? agent.cycles[0]?.baseline.config ?? agentConfig.parse({})
  return {
    nowMs: context.clock.nowMs(),
    policy: settings.policy,
    policyDigest: digestOf(settings.policy),
    live: liveConfiguration(start, agent.decisions),
    changes: changesOf(agent),
    rejected: agent.rejected,
    ranking: view.ranking(name),
    seed: controller.seed,
    paused: !controller.enabled,
  }
}
