import { OTHER_FINGERPRINT } from '../fingerprint/coarse-fingerprint.ts'
import type { Fingerprint } from '../fingerprint/fingerprint-of.ts'
import { fingerprintAt, keyAt } from '../fingerprint/fingerprint-table.ts'
import type { ClusterCell } from '../priority/cluster-counts.ts'
import { traceIdOfRow } from '../priority/failure-table.ts'
import { fingerprintOfRow, memberAt } from './members.ts'
import type { AgentState, Member } from './miner-state.ts'

/** What is said about the failures of a cluster that count. */
export interface ClusterMembers {
  readonly failures: number
  /** The task type of all, null where they differ. */
  readonly taskType: string | null
  /** Distinct fingerprints with their counts, the most frequent first. */
  readonly fingerprints: readonly { readonly fingerprint: Fingerprint; readonly failures: number }[]
  /** Newest first: the newest few hundred, and the newest of each frequent fingerprint. */
  readonly newest: readonly Member[]
}

const NEWEST = 200
const FREQUENT = 20

/** Reads the failures of a cluster: O(their number). */
export const clusterMembers = (agent: AgentState, id: string): ClusterMembers => {
  const cells = countedCells(agent, id)
  const kinds = kindsOf(agent, cells)
  const rows = new Set([
    ...newestRows(cells, NEWEST),
    ...kinds.slice(0, FREQUENT).map(({ newest }) => newest),
  ])
  const fingerprints = new Map(
    kinds.map(({ number }) => [number, fingerprintAt(agent.fingerprints, number)]),
  )
  return {
    failures: agent.window.clusters.get(id)?.count ?? 0,
    taskType: commonTaskType(cells),
    fingerprints: kinds.map(({ number, failures }) => ({
      fingerprint: fingerprints.get(number) ?? OTHER_FINGERPRINT,
      failures,
    })),
    newest: [...rows]
      .map((row) => memberAt(agent, row, fingerprints.get(fingerprintOfRow(agent, row))))
      .sort((a, b) => b.atMs - a.atMs || (a.traceId < b.traceId ? -1 : 1)),
  }
}

/** Trace ids of the newest failures of a cluster that count, equal times by id. O(most · log most). */
export const newestTraceIds = (agent: AgentState, id: string, most: number): readonly string[] => {
  const { table } = agent.window
  const { atMs } = table.columns
  return newestRows(countedCells(agent, id), most)
    .map((row) => ({ traceId: traceIdOfRow(table, row), atMs: atMs[row] as number }))
    .sort((a, b) => b.atMs - a.atMs || (a.traceId < b.traceId ? -1 : 1))
    .slice(0, most)
    .map(({ traceId }) => traceId)
}

/** The task type that every failure of a cluster has, null where they differ. */
export const taskTypeOfCluster = (agent: AgentState, id: string): string | null =>
  commonTaskType(countedCells(agent, id))

const countedCells = ({ window }: AgentState, id: string): readonly ClusterCell[] =>
  [...(window.clusters.get(id)?.cells.values() ?? [])].filter(({ rows }) => rows.size() > 0)

const commonTaskType = (cells: readonly ClusterCell[]): string | null =>
  cells.length === 1 ? (cells[0]?.taskType ?? null) : null

const newestRows = (cells: readonly ClusterCell[], most: number): readonly number[] =>
  cells.flatMap(({ rows }) => rows.firstRows(most))

interface Kind {
  readonly number: number
  newest: number
  failures: number
}

const kindsOf = (agent: AgentState, cells: readonly ClusterCell[]): readonly Kind[] => {
  const { atMs } = agent.window.table.columns
  const kinds = new Map<number, Kind>()
  for (const { rows } of cells)
    for (const row of rows.rows()) {
      const number = fingerprintOfRow(agent, row)
      const kind = kinds.get(number)
      if (kind === undefined) kinds.set(number, { number, newest: row, failures: 1 })
      else {
        kind.failures++
        if ((atMs[row] as number) > (atMs[kind.newest] as number)) kind.newest = row
      }
    }
  const keyOf = ({ number }: Kind): string => keyAt(agent.fingerprints, number)
  return [...kinds.values()].sort(
    (a, b) => b.failures - a.failures || (keyOf(a) < keyOf(b) ? -1 : 1),
  )
}
