import { runConsumer } from '../pipeline/event-log/run-consumer.ts'
import { loopRole } from '../pipeline/service-runtime/loop-role.ts'
import type { Role, RoleContext } from '../pipeline/service-runtime/role.ts'
import { TOPICS } from '../schemas/topics.ts'
import { openAgentRunner } from './agent-runner/open-agent-runner.ts'
import { carryOutCommands } from './carry-out-commands.ts'
import { type OwnedSession, openSession } from './own-agents.ts'
import { projectTopics } from './project-topics.ts'

export const CONTROLLER_GROUP = 'neosigma-controller'

/**
 * Improves the configured agents, and keeps the listings of what it does. Whoever owns the partition of the commands in
 * the group owns the agents: of several controllers one acts, and the next takes over from the log.
 */
export const startController = async (context: RoleContext): Promise<Role> => {
  let owned: OwnedSession | null = null
  const run = async (outer: AbortSignal): Promise<void> => {
    const failing = new AbortController()
    const signal = AbortSignal.any([outer, failing.signal])
    const loops = [
      ownAgents(context, signal, (session) => {
        owned = session
      }),
      projectTopics(context, signal),
    ]
    // One loop that ends with an error ends the other, so that `stop` leaves nothing running.
    for (const loop of loops) loop.catch(() => failing.abort())
    await Promise.allSettled(loops)
    await Promise.all(loops)
  }
  // Without the agents it stands by for whoever owns them, which is what it is there for.
  const notReady = (): readonly string[] =>
    owned?.isReading() === true ? ['controller: reading past events'] : []
  return loopRole({ name: 'controller', logger: context.logger, run, notReady })
}

/** Takes part in the group; while it owns the commands it acts for the agents, and hands their commands on in order. */
const ownAgents = async (
  context: RoleContext,
  outer: AbortSignal,
  tell: (session: OwnedSession | null) => void,
): Promise<void> => {
  const failing = new AbortController()
  const signal = AbortSignal.any([outer, failing.signal])
  const broken = Promise.withResolvers<never>()
  const ended: Promise<void>[] = []
  let owned: OwnedSession | null = null
  const take = (owns: boolean): void => {
    if (owns === (owned !== null)) return
    owned?.close()
    owned = owns ? openSession(context, { openRunner: openAgentRunner, signal }) : null
    if (owned !== null) ended.push(owned.ended)
    owned?.ended.catch(broken.reject)
    tell(owned)
  }
  const consumed = runConsumer(
    context,
    {
      group: CONTROLLER_GROUP,
      topics: [TOPICS.commands.name],
      signal,
      onAssignment: (topics) => take((topics.get(TOPICS.commands.name) ?? []).length > 0),
    },
    async (batch) => {
      if (owned === null) return
      await owned.ready
      await carryOutCommands(owned.session, batch)
    },
  )
  try {
    await Promise.race([consumed, broken.promise])
  } finally {
    failing.abort()
    // Also what is no longer owned may still be at its last step.
    await Promise.allSettled([consumed, ...ended])
  }
}
