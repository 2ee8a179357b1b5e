import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import { encodeEvent } from '../schemas/cloud-event.ts'
import type { DeploymentDecision } from '../schemas/decision.ts'
import { TOPICS } from '../schemas/topics.ts'

export interface DecisionOutbox {
  /** Brings the topic up to an agent's decisions: those that are not on it are appended, in order. */
  publish(decisions: readonly DeploymentDecision[]): Promise<void>
}

/**
 * Decisions are first made in the controller's own log and then published. What was made and not published before a
 * crash is found by comparing the two; the topic is read again before each append, so that what another process has
 * published meanwhile is not published twice.
 */
export const decisionOutbox = (context: RoleContext): DecisionOutbox => {
  const published = new Set<string>()
  return {
    publish: async (decisions) => {
      if (decisions.every(({ id }) => published.has(id))) return
      for await (const record of context.log.readAll(TOPICS.decisions.name)) {
        const id = record.headers['ce_id']
        if (id !== undefined) published.add(id)
      }
      const missing = decisions.filter(({ id }) => !published.has(id))
      await context.log.append(missing.map(encoded))
      for (const decision of missing) {
        published.add(decision.id)
        tell(context, decision)
      }
    },
  }
}

const encoded = (decision: DeploymentDecision) =>
  encodeEvent(TOPICS.decisions, decision, {
    id: decision.id,
    source: '/neosigma/controller',
    time: decision.at,
    key: decision.agent,
  })

const tell = ({ logger, metrics }: RoleContext, decision: DeploymentDecision): void => {
  const { agent, id, reason, toVersion } = decision
  metrics.count('neosigma.controller.decisions', 1, { agent, decision: decision.decision })
  logger.info({ agent, id, decision: decision.decision, toVersion, reason }, 'decision published')
}
