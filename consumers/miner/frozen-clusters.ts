import type { AgentState } from './miner-state.ts'

/**
 * A failure that would join a cluster that a fix is under way for waits under this sign and the cluster's id: it is
 * noise to everybody else.
 */
const WAITING = '~'

export const waitingFor = (clusterId: string): string => `${WAITING}${clusterId}`

export const isWaiting = (clusterId: string): boolean => clusterId.startsWith(WAITING)

/** The cluster as the store knows it. */
export const storedCluster = (clusterId: string): string => (isWaiting(clusterId) ? '' : clusterId)

/** Whether a fix for the cluster is under way: its members stay as they are until that has ended. */
export const isFrozen = ({ frozen }: Pick<AgentState, 'frozen'>, clusterId: string): boolean =>
  frozen.has(clusterId)

/** Where a failure goes that belongs to a cluster. */
export const openPlace = (agent: Pick<AgentState, 'frozen'>, clusterId: string): string =>
  isFrozen(agent, clusterId) ? waitingFor(clusterId) : clusterId
