export interface GroupMember {
  readonly id: number
  readonly topicIds: readonly number[]
}

export interface GroupPartition {
  readonly id: number
  readonly topicId: number
  /** null when nobody owns it. */
  readonly ownerId: number | null
}

export interface Rebalance {
  readonly release: readonly number[]
  readonly take: readonly number[]
}

/**
 * What one member gives back and takes so that every topic's partitions are shared evenly by the live members that
 * subscribe to it. Every member decides for itself from the same state: the shares add up to all partitions, older
 * members come first, and nobody takes what another live member still owns. So they agree without a leader, each
 * partition has one owner, and a member keeps what it has unless it has more than its share.
 */
export const planRebalance = (
  me: GroupMember,
  live: readonly GroupMember[],
  partitions: readonly GroupPartition[],
): Rebalance => {
  const liveIds = new Set(live.map(({ id }) => id))
  const plans = me.topicIds.map((topicId) => {
    const ofTopic = partitions.filter((partition) => partition.topicId === topicId)
    const share = shareOf(me, live, topicId, ofTopic.length)
    const mine = ofTopic.filter(({ ownerId }) => ownerId === me.id)
    const free = ofTopic.filter(({ ownerId }) => ownerId === null || !liveIds.has(ownerId))
    return {
      release: mine.slice(share).map(({ id }) => id),
      take: free.slice(0, Math.max(0, share - mine.length)).map(({ id }) => id),
    }
  })
  return {
    release: plans.flatMap(({ release }) => release),
    take: plans.flatMap(({ take }) => take),
  }
}

const shareOf = (
  me: GroupMember,
  live: readonly GroupMember[],
  topicId: number,
  partitions: number,
): number => {
  const subscribed = live
    .filter(({ topicIds }) => topicIds.includes(topicId))
    .map(({ id }) => id)
    .sort((a, b) => a - b)
  const rank = subscribed.indexOf(me.id)
  const remainder = partitions % subscribed.length
  return Math.floor(partitions / subscribed.length) + (rank < remainder ? 1 : 0)
}
