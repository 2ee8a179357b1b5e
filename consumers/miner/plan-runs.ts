import type { AgentRun } from '../../schemas/agent-run.ts'
import { admitFingerprint, keyAt } from '../fingerprint/fingerprint-table.ts'
import { HOUR_MS, windowStartMs } from '../priority/failure-window.ts'
import { nameNumber } from '../priority/name-number.ts'
import { isFrozen } from './frozen-clusters.ts'
import { type MemberBody, memberOf } from './member-rows.ts'
import { clusterOfRow, fingerprintOfRow, memberAt, memberRowOf } from './members.ts'
import {
  type AgentState,
  agentStateOf,
  type Member,
  type MinerState,
  type NewMember,
} from './miner-state.ts'

export interface MinerWindow {
  readonly windowHours: number
  readonly graceHours: number
}

export interface PlannedMember {
  readonly agent: AgentState
  readonly member: NewMember
  readonly body: MemberBody
  /** Kept where the run failed in the same way before. */
  readonly placed: boolean
  /** Before the window began, grace included: stored and counted as late, never ranked. */
  readonly late: boolean
  /** Held under a coarser fingerprint than its own. */
  readonly isCoarse: boolean
}

export interface PlannedRemoval {
  readonly agent: AgentState
  readonly member: Member
}

export interface RunsPlan {
  readonly members: readonly PlannedMember[]
  readonly removals: readonly PlannedRemoval[]
  /** Changes of members of a cluster that a fix is under way for: they are applied when it has ended. */
  readonly held: number
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
  let held = 0
  for (const run of new Map(runs.map((one) => [one.traceId, one])).values()) {
    const known = memberRowOf(state, run.traceId)
    const fate = known === null ? 'new' : fateOf(known, run)
    if (fate === 'held') held++
    if (fate === 'same' || fate === 'held') continue
    if (fate === 'leaves' && known !== null)
      removals.push({ agent: known.agent, member: memberAt(known.agent, known.row) })
    if (run.outcome === 'fail') members.push(planMember(state, run, nowMs, window))
  }
  return { members, removals, held }
}

/** What a run does to the failure that is known of its trace. */
const fateOf = (
  { agent, row }: { readonly agent: AgentState; readonly row: number },
  run: AgentRun,
): 'same' | 'held' | 'leaves' | 'revised' => {
  const isSame = agent.window.table.columns.revision[row] === nameNumber(run.revision)
  const stays = run.outcome === 'fail' && agent.agent === run.agent
  if (isSame && stays) return 'same'
  if (isFrozen(agent, clusterOfRow(agent, row))) return 'held'
  return stays ? 'revised' : 'leaves'
}

const planMember = (
  state: MinerState,
  run: AgentRun,
  nowMs: number,
  window: MinerWindow,
): PlannedMember => {
  const agent = agentStateOf(state, run.agent)
  const planned = memberOf(run, nowMs, (one) => admitFingerprint(agent.fingerprints, one))
  const { member, body, isCoarse } = planned
  const known = memberRowOf(state, run.traceId)
  const before =
    known === null || known.agent !== agent
      ? null
      : {
          key: keyAt(agent.fingerprints, fingerprintOfRow(agent, known.row)),
          clusterId: clusterOfRow(agent, known.row),
        }
  const placed = before?.key === member.fingerprint.key
  const streamMs = Math.max(agent.window.streamMs, member.atMs)
  return {
    agent,
    member: placed ? { ...member, clusterId: before?.clusterId ?? '' } : member,
    body,
    placed,
    late: member.atMs < oldestMs(streamMs, window),
    isCoarse,
  }
}

/** Older failures are dropped from memory: the start of the window at stream time, less the grace period. */
export const oldestMs = (streamMs: number, { windowHours, graceHours }: MinerWindow): number =>
  windowStartMs(streamMs, windowHours) - graceHours * HOUR_MS
