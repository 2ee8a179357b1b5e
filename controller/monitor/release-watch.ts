import type { DeploymentDecision } from '../../schemas/decision.ts'

/** A release of one agent whose runs are being compared. */
export interface ReleaseWatch {
  readonly agent: string
  readonly cycleId: string
  readonly phase: 'canary' | 'monitoring'
  /** The version under watch, and the one that it is measured against. */
  readonly version: string
  readonly baseline: string
  /** Share of sessions; 1 after the promotion. */
  readonly weight: number
  /** When its canary began; of a release without canary, the promotion. */
  readonly sinceMs: number
  /** When the present share began. */
  readonly stepSinceMs: number
}

/**
 * What is to be watched after one more decision of the agent. Releases without a cycle or without a version before them
 * cannot be judged and are not watched. A decision repeated changes nothing.
 */
export const watchAfter = (
  watch: ReleaseWatch | null,
  decision: DeploymentDecision,
): ReleaseWatch | null => {
  switch (decision.decision) {
    case 'canary':
      return decision.canary === null ? watch : watching(watch, decision, decision.canary.weight)
    case 'promote':
      return watching(watch, decision, 1)
    case 'rollback':
      return null
    case 'reject':
      return watch?.version === decision.toVersion ? null : watch
    case 'hold':
    case 'pending-review':
      return watch
  }
}

const watching = (
  watch: ReleaseWatch | null,
  { agent, decision, fromVersion, toVersion, causation, at }: DeploymentDecision,
  weight: number,
): ReleaseWatch | null => {
  const { cycleId } = causation
  if (cycleId === null || fromVersion === null || fromVersion === toVersion) return null
  const atMs = Date.parse(at)
  const phase = decision === 'promote' ? 'monitoring' : 'canary'
  const same = watch?.version === toVersion && watch.cycleId === cycleId
  if (same && watch.weight === weight && watch.phase === phase) return watch
  return {
    agent,
    cycleId,
    phase,
    version: toVersion,
    baseline: same ? watch.baseline : fromVersion,
    weight,
    sinceMs: same ? watch.sinceMs : atMs,
    stepSinceMs: atMs,
  }
}

/** One name for one judgement: a release is judged at most once at each share. */
export const judgementKey = (cycleId: string, version: string, weight: number): string =>
  `${cycleId}/${version}/${weight}`
