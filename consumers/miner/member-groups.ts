import { keyAt } from '../fingerprint/fingerprint-table.ts'
import { clusterOfRow, fingerprintOfRow, rowsOf } from './members.ts'
import type { AgentState } from './miner-state.ts'

/** Failures of one cluster and one fingerprint: a re-clustering tells no more of them apart. */
export interface MemberGroup {
  /** Where they are: a cluster's id, '' for noise, or what a fix under way lets wait. */
  readonly clusterId: string
  /** Key of their fingerprint. */
  readonly fingerprint: string
  readonly failures: number
}

/** All failures of an agent in groups: O(their number), and small where kinds repeat. */
export const memberGroups = (agent: AgentState): readonly MemberGroup[] => {
  const groups = new Map<string, Map<number, number>>()
  for (const row of rowsOf(agent)) {
    const id = clusterOfRow(agent, row)
    const group = groups.get(id) ?? new Map<number, number>()
    const number = fingerprintOfRow(agent, row)
    group.set(number, (group.get(number) ?? 0) + 1)
    groups.set(id, group)
  }
  return [...groups].flatMap(([clusterId, group]) =>
    [...group].map(([number, failures]) => ({
      clusterId,
      fingerprint: keyAt(agent.fingerprints, number),
      failures,
    })),
  )
}
