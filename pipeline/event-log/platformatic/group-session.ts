import { type BaseOptions, ConnectionPool, Consumer } from '@platformatic/kafka'
import { TransientError } from '../../../schemas/errors.ts'
import type { ConsumeOptions, RecordBatch, StoredRecord } from '../event-log.ts'
import { HEARTBEAT_MS, openCommits } from '../kafka/commits.ts'
import type { GroupSession } from '../kafka/consume-group.ts'
import { type Generation, type Membership, openMembership } from '../kafka/membership.ts'
import { type BatchAtHand, openBatchAtHand } from './batch-at-hand.ts'
import { type Joined, keepJoined } from './keep-joined.ts'
import { openPieces, type Pieces } from './pieces.ts'

/** How soon a group notices a member that died without a word. */
const SESSION_MS = 10_000
const REBALANCE_MS = 60_000
/** Longer than the others of a group may keep a request to join waiting. */
const REQUEST_TIMEOUT_MS = 65_000
/** A broker that is away must not hold up the end. */
const LEAVE_TIMEOUT_MS = 5000

interface Member {
  readonly consumer: Consumer
  readonly membership: Membership
  readonly joined: Joined
  readonly pieces: Pieces
  readonly hand: BatchAtHand
}

/** Joins the group with a client of its own. */
export const joinGroup = (options: BaseOptions, of: ConsumeOptions): GroupSession => {
  const membership = openMembership(of)
  const commits = openCommits(membership)
  const hand = openBatchAtHand()
  const consumer = openConsumer(options, of, () => joined.beforeJoin())
  const joined = keepJoined(consumer, membership, async () => {
    await hand.untilFree()
    await commits.settled()
  })
  const fetching = new ConnectionPool(options.clientId, { ...options })
  const pieces = openPieces(consumer, fetching, of)
  const member = { consumer, membership, joined, pieces, hand }
  const batchOf = (generation: Generation, records: readonly StoredRecord[]): RecordBatch => {
    const { topic, partition, offset: last } = records.at(-1) as StoredRecord
    const place = { topic, partition }
    return {
      ...place,
      records,
      commit: (offset = last) => {
        // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint.
        const next = (offset < last ? offset : last) + 1n
        const send = () => sendOffset(member, generation, { ...place, offset: next })
        return commits.commit({ generation, ...place, next, send })
      },
      heartbeat: async () => hand.noteSign(),
    }
  }
  joined.start()
  return {
    next: async () => {
      hand.free()
      const piece = await nextPiece(member)
      if (piece === null) return null
      hand.take(() => joined.fail(silent(of.group)))
      return batchOf(piece.generation, piece.records)
    },
    close: () => joined.close(),
    leave: async () => {
      await commits.settled()
      joined.close()
      membership.end(true)
      hand.free()
      await leave(consumer, fetching)
      await pieces.settled()
    },
  }
}

const openConsumer = (
  options: BaseOptions,
  { group, topics }: ConsumeOptions,
  beforeJoin: () => Promise<Buffer>,
): Consumer => {
  const consumer = new Consumer({
    ...options,
    groupId: group,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: REBALANCE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    // As kafkajs calls it, whose members may be in the same group.
    protocols: [{ name: 'RoundRobinAssigner', version: 1 }],
    protocolsMetadata: beforeJoin,
    // The library would repeat a commit in the next generation, where its offset may lie behind another member's. So it
    // repeats nothing here; what may be tried again is tried again by this driver.
    retries: 0,
  })
  consumer.topics.trackAll(...topics)
  return consumer
}

const silent = (group: string): TransientError =>
  new TransientError('log-unavailable', `group ${group}: no sign of the consumer for minutes.`)

/** Waits for what is owned to hold something; null at the end. */
const nextPiece = async ({ consumer, membership, joined, pieces }: Member) => {
  while (joined.ended === null) {
    const { generation } = membership
    const ownsNothing = (consumer.assignments ?? []).every(
      ({ partitions }) => partitions.length === 0,
    )
    if (generation === null || membership.isRebalancing || ownsNothing) {
      await joined.untilChange()
      continue
    }
    const records = await joined.unlessEnded(pieces.next(generation))
    const isOwned = membership.generation === generation && !membership.isRebalancing
    if (records === null || !isOwned || joined.ended !== null) continue
    pieces.taken(generation)
    return { generation, records }
  }
  if (joined.ended.error !== null) throw joined.ended.error
  return null
}

interface NextOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/**
 * False where the generation has ended before the request was sent. The library asks for the offsets in the turn in
 * which it writes the generation's id beside them, so that a broker refuses them once the group has moved on.
 */
const sendOffset = async (
  { consumer, membership }: Member,
  generation: Generation,
  next: NextOffset,
): Promise<boolean> => {
  let isSent: boolean | null = null
  await consumer.commit({
    get offsets() {
      isSent ??= membership.generation === generation
      return isSent ? [{ ...next, leaderEpoch: -1 }] : []
    },
  })
  return isSent ?? false
}

const leave = async (consumer: Consumer, fetching: ConnectionPool): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, LEAVE_TIMEOUT_MS)
  const closed = Promise.all([fetching.close(), consumer.close(true)])
    .catch(() => consumer.connections.close())
    .catch(() => undefined)
  await Promise.race([closed, late])
  clearTimeout(timer)
}
