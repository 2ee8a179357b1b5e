import { followTopic } from '../../pipeline/event-log/follow-topic.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { agentConfig } from '../../schemas/agent-config.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { readStartConfig } from '../read-start-config.ts'
import {
  applyDecision,
  type LiveConfiguration,
  startConfiguration,
} from '../release/live-configuration.ts'
import type { LiveConfigurations } from './live-config-routes.ts'

export interface FollowedConfigurations extends LiveConfigurations {
  readonly caughtUp: Promise<void>
  readonly ended: Promise<void>
}

/**
 * What every agent runs now, as a view of the topic of decisions over the configurations in the files. An agent that is
 * in no file but has decisions began with nothing.
 * @throws ConfigError `config-unreadable`, `config-invalid` for a file of an agent's configuration
 */
export const followLiveConfigurations = (
  context: RoleContext,
  signal: AbortSignal,
): FollowedConfigurations => {
  const live = new Map<string, LiveConfiguration>(
    Object.entries(context.configuration.agents).map(([agent, { config }]) => [
      agent,
      startConfiguration(readStartConfig(config)),
    ]),
  )
  const listeners = new Map<string, Set<() => void>>()
  const { caughtUp, ended } = followTopic(context, {
    topic: TOPICS.decisions,
    consumer: 'api',
    signal,
    onEvent: (decision) => {
      const { agent } = decision
      const before = live.get(agent) ?? startConfiguration(agentConfig.parse({}))
      const now = applyDecision(before, decision)
      live.set(agent, now)
      if (now !== before) for (const listener of listeners.get(agent) ?? []) listener()
    },
  })
  return {
    caughtUp,
    ended,
    of: (agent) => live.get(agent) ?? null,
    onChange: (agent, listener) => {
      const ofAgent = listeners.get(agent) ?? new Set()
      listeners.set(agent, ofAgent.add(listener))
      return () => {
        ofAgent.delete(listener)
        if (ofAgent.size === 0) listeners.delete(agent)
      }
    },
  }
}
