import { ConfigError } from '../schemas/errors.ts'
import type { ImprovedAgent } from './controller-session.ts'
import { readStartConfig } from './read-start-config.ts'
import { readSuite } from './read-suite.ts'

/** Reasons that were told already, by agent: a missing file is no news every second. */
const told = new WeakMap<object, Map<string, string>>()

/**
 * Reads the agent's files; the reason why no cycle can begin, or null. A new reason is logged and counted once, and the
 * other agents go on.
 */
export const whyNotImproved = async (agent: ImprovedAgent): Promise<string | null> => {
  const reason = await findReason(agent)
  const { session, name } = agent
  const known = told.get(session) ?? new Map<string, string>()
  told.set(session, known)
  if (reason === null) known.delete(name)
  else if (known.get(name) !== reason) {
    known.set(name, reason)
    session.context.metrics.count('neosigma.controller.skipped', 1, { agent: name })
    session.context.logger.error({ agent: name, reason }, 'the agent is not improved')
  }
  return reason
}

const findReason = async ({ session, name, settings }: ImprovedAgent): Promise<string | null> => {
  try {
    session.starts.set(name, readStartConfig(settings.config))
  } catch (error) {
    if (error instanceof ConfigError) return error.detail
    throw error
  }
  const suite = await readSuite(settings)
  if (!suite.ok) return suite.problem
  return settings.run === undefined ? 'no `run` is configured: how is the agent run?' : null
}
