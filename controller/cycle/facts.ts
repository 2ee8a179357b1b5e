import type { CycleEvent, CycleOutcome } from '../../schemas/cycle-event.ts'
import type { Policy } from '../../schemas/policy.ts'
import type { LiveConfiguration } from '../release/live-configuration.ts'
import type { CycleState, EventOf } from './cycle-state.ts'

/** What a decision may depend on beside the history. */
export interface Facts {
  readonly nowMs: number
  readonly policy: Policy
  readonly policyDigest: string
  /** What the agent runs now. */
  readonly live: LiveConfiguration
  /** Changes of the agent that went to production, in ISO 8601. */
  readonly changes: readonly { readonly at: string }[]
  /** Candidates that were turned down before, in this cycle or an earlier one. */
  readonly rejected: ReadonlySet<string>
}

export type Work =
  | { readonly type: 'prepare-suite'; readonly cycle: CycleState }
  | { readonly type: 'search'; readonly cycle: CycleState }
  | { readonly type: 'test'; readonly cycle: CycleState; readonly digest: string }

/** What comes next: a fact to write down, work to do, or somebody to wait for. */
export type Next =
  | { readonly type: 'append'; readonly events: readonly CycleEvent[] }
  | { readonly type: 'work'; readonly work: Work }
  | { readonly type: 'wait'; readonly reason: string; readonly untilMs: number | null }

const HOUR_MS = 3_600_000

export const isoOf = (ms: number): string => new Date(ms).toISOString()
export const append = (...events: readonly CycleEvent[]): Next => ({ type: 'append', events })
export const wait = (reason: string, untilMs: number | null = null): Next => ({
  type: 'wait',
  reason,
  untilMs,
})

export const stamp = (cycle: CycleState, { nowMs }: Facts) => ({
  cycleId: cycle.id,
  agent: cycle.agent,
  at: isoOf(nowMs),
})

interface Ending {
  readonly outcome: CycleOutcome
  readonly reason: string
  /** How long the cluster rests; by default as the policy says. */
  readonly coolDownHours?: number
}

/** The last event of a cycle. Its cluster rests afterwards, so that the next cycle takes the next one. */
export const finished = (
  cycle: CycleState,
  facts: Facts,
  { outcome, reason, coolDownHours = facts.policy.target.coolDownHours }: Ending,
): EventOf<'cycle-finished'> => ({
  ...stamp(cycle, facts),
  type: 'cycle-finished',
  outcome,
  reason,
  coolDownUntil: coolDownHours === 0 ? null : isoOf(facts.nowMs + coolDownHours * HOUR_MS),
})

export const end = (cycle: CycleState, facts: Facts, ending: Ending): Next =>
  append(finished(cycle, facts, ending))
