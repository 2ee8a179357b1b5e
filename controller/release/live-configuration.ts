import { type AgentConfig, configDigest } from '../../schemas/agent-config.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'

export interface Version {
  readonly digest: string
  readonly config: AgentConfig
}

/** What one agent runs now. */
export interface LiveConfiguration {
  readonly stable: Version
  /** While a canary runs: the second version, the share of sessions and the salt of their hash. */
  readonly canary: (Version & { readonly weight: number; readonly salt: string }) | null
  /** Stable versions before this one, the latest last: what a roll-back may go back to. */
  readonly history: readonly Version[]
}

export const startConfiguration = (config: AgentConfig): LiveConfiguration => ({
  stable: { digest: configDigest(config), config },
  canary: null,
  history: [],
})

/**
 * One decision applied. It is the fold of these that an agent runs, so a decision repeated changes nothing. A decision
 * for a version whose configuration neither it nor the past holds is passed over: the last known good stays.
 */
export const applyDecision = (
  live: LiveConfiguration,
  decision: DeploymentDecision,
): LiveConfiguration => {
  switch (decision.decision) {
    case 'canary':
      return startCanary(live, decision)
    case 'promote':
      return moveTo(live, versionOf(live, decision), false)
    case 'rollback':
      return moveTo(live, versionOf(live, decision), true)
    case 'reject':
      return live.canary?.digest === decision.toVersion ? { ...live, canary: null } : live
    case 'hold':
    case 'pending-review':
      return live
  }
}

/** What an agent runs after its decisions, in order, from the configuration with which the loop began. */
export const liveConfiguration = (
  start: AgentConfig,
  decisions: readonly DeploymentDecision[],
): LiveConfiguration => decisions.reduce(applyDecision, startConfiguration(start))

const startCanary = (live: LiveConfiguration, decision: DeploymentDecision): LiveConfiguration => {
  const version = versionOf(live, decision)
  return version === null || decision.canary === null || version.digest === live.stable.digest
    ? live
    : { ...live, canary: { ...version, ...decision.canary } }
}

/** A version left by a roll-back is no candidate for the next roll-back; one left by a promotion is. */
const moveTo = (live: LiveConfiguration, to: Version | null, back: boolean): LiveConfiguration => {
  if (to === null) return live
  if (to.digest === live.stable.digest) return { ...live, canary: null }
  const past = live.history.filter(({ digest }) => digest !== to.digest)
  return { stable: to, canary: null, history: back ? past : [...past, live.stable] }
}

const versionOf = (
  live: LiveConfiguration,
  { artifact, toVersion }: DeploymentDecision,
): Version | null => {
  if (artifact.config !== undefined && configDigest(artifact.config) === toVersion)
    return { digest: toVersion, config: artifact.config }
  const known = [live.stable, ...live.history, ...(live.canary === null ? [] : [live.canary])]
  const found = known.find(({ digest }) => digest === toVersion)
  return found === undefined ? null : { digest: found.digest, config: found.config }
}
