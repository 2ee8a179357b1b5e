import type { AgentRun } from '../../schemas/agent-run.ts'
import { HOUR_MS, windowStartMs } from '../priority/failure-window.ts'
import { type MemberBody, memberOf } from './member-rows.ts'
import { type AgentState, agentStateOf, type Member, type MinerState } from './miner-state.ts'

export interface MinerWindow {
  readonly windowHours: number
  readonly graceHours: number
}

export interface PlannedMember {
  readonly agent: AgentState
  readonly member: Member
  readonly body: MemberBody
  /** Kept where the run failed in the same way before. */
  readonly placed: boolean
  /** Before the window began, grace included: stored and counted as late, never ranked. */
  readonly late: boolean
}

export interface PlannedRemoval {
  readonly agent: AgentState
  readonly member: Member
}

export interface RunsPlan {
  readonly members: readonly PlannedMember[]
  readonly removals: readonly PlannedRemoval[]
}

/**
 * What runs change: failures join, runs that pass after all or changed their agent leave. The last record of a trace
 * counts, a revision that is known changes nothing: the same records again, in any batches, lead to the same state.
 */
export const planRuns = (
  state: MinerState,
  runs: readonly AgentRun[],
  nowMs: number,
  window: MinerWindow,
): RunsPlan => {
  const members: PlannedMember[] = []
  const removals: PlannedRemoval[] = []
  for (const run of new Map(runs.map((one) => [one.traceId, one])).values()) {
    const before = state.agentOfTrace.get(run.traceId)
    if (before !== undefined && (run.outcome === 'pass' || before !== run.agent)) {
      const agent = agentStateOf(state, before)
      const member = agent.members.get(run.traceId)
      if (member !== undefined) removals.push({ agent, member })
    }
    if (run.outcome === 'pass') continue
    const planned = planMember(agentStateOf(state, run.agent), run, nowMs, window)
    if (planned !== null) members.push(planned)
  }
  return { members, removals }
}

const planMember = (
  agent: AgentState,
  run: AgentRun,
  nowMs: number,
  window: MinerWindow,
): PlannedMember | null => {
  const known = agent.members.get(run.traceId)
  if (known?.revision === run.revision) return null
  const { member, body } = memberOf(run, nowMs)
  const placed = known?.fingerprint.key === member.fingerprint.key
  const late = member.atMs < oldestMs(Math.max(agent.streamMs, member.atMs), window)
  return {
    agent,
    member: placed ? { ...member, clusterId: known?.clusterId ?? '' } : member,
    body,
    placed,
    late,
  }
}

/** Older failures are dropped from memory: the start of the window at stream time, less the grace period. */
export const oldestMs = (streamMs: number, { windowHours, graceHours }: MinerWindow): number =>
  windowStartMs(streamMs, windowHours) - graceHours * HOUR_MS
