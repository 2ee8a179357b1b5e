import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import {
  acquireFingerprint,
  fingerprintAt,
  releaseFingerprint,
} from '../fingerprint/fingerprint-table.ts'
import type { ClusterCell } from '../priority/cluster-counts.ts'
import { traceIdOfRow } from '../priority/failure-table.ts'
import { nameNumber } from '../priority/name-number.ts'
import { cellOfRow, dropFailure, evictFailures, putFailure } from '../priority/ranked-window.ts'
import type { AgentState, Member, MinerState, NewMember } from './miner-state.ts'

/** Takes a failure in, in place of what is known of its trace. */
export const putMember = (state: MinerState, agent: AgentState, member: NewMember): void => {
  dropTrace(state, member.traceId)
  putFailure(state.windows, agent.window, {
    traceId: member.traceId,
    clusterId: member.clusterId,
    taskType: member.taskType,
    score: member.score,
    atMs: member.atMs,
    revision: nameNumber(member.revision),
    user: nameNumber(member.userId),
    session: nameNumber(member.sessionId),
    fingerprint: acquireFingerprint(agent.fingerprints, member.fingerprint),
  })
}

export const dropTrace = (state: MinerState, traceId: string): void => {
  const known = memberRowOf(state, traceId)
  if (known === null) return
  releaseFingerprint(known.agent.fingerprints, fingerprintOfRow(known.agent, known.row))
  dropFailure(known.agent.window, known.row)
}

/** Where a trace is held; null where it is no failure of any window. */
export const memberRowOf = (
  { agents, windows }: MinerState,
  traceId: string,
): { readonly agent: AgentState; readonly row: number } | null => {
  const { table } = windows
  const row = table.traces.rowOf(traceId)
  if (row < 0) return null
  const cell = table.cells[table.columns.cell[row] as number]
  const agent = agents.get(cell?.agent ?? '')
  return agent === undefined ? null : { agent, row }
}

/** Drops what is too old to count, and what it alone has kept. */
export const evictMembers = (agent: AgentState, beforeMs: number): number => {
  let dropped = 0
  evictFailures(agent.window, beforeMs, (row) => {
    releaseFingerprint(agent.fingerprints, fingerprintOfRow(agent, row))
    dropped++
  })
  return dropped
}

/** Every failure of an agent as a row, in no order. Valid until the next change. */
export const rowsOf = function* ({ window }: AgentState): Generator<number> {
  yield* window.counted.rows()
  yield* window.waiting.rows()
}

export const membersIn = ({ window }: AgentState): number =>
  window.counted.size() + window.waiting.size()

export const fingerprintOfRow = ({ window }: AgentState, row: number): number =>
  window.table.columns.fingerprint[row] as number

export const clusterOfRow = ({ window }: AgentState, row: number): string =>
  cellOfRow(window, row).cluster.id

/** `fingerprint` where it is at hand: reading it takes longer than all the rest. */
export const memberAt = (agent: AgentState, row: number, fingerprint?: Fingerprint): Member => {
  const { window, fingerprints } = agent
  const { columns } = window.table
  const cell: ClusterCell = cellOfRow(window, row)
  return {
    traceId: traceIdOfRow(window.table, row),
    clusterId: cell.cluster.id,
    fingerprint: fingerprint ?? fingerprintAt(fingerprints, fingerprintOfRow(agent, row)),
    score: columns.score[row] as number,
    atMs: columns.atMs[row] as number,
    taskType: cell.taskType,
    session: columns.session[row] as number,
  }
}
