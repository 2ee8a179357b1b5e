import kafkajs, { type Consumer, type PartitionAssigner } from 'kafkajs'
import type { ConsumeOptions, RecordBatch } from '../event-log.ts'
import { HEARTBEAT_MS, openCommits } from './commits.ts'
import type { Connections } from './connect.ts'
import type { GroupSession } from './consume-group.ts'
import { deliverBatch } from './deliver-batch.ts'
import { type Membership, openMembership } from './membership.ts'
import { openRendezvous } from './rendezvous.ts'
import { RETRY } from './retrying.ts'
import { translateKafkaError } from './translate-kafka-error.ts'

/** How soon a group notices a member that died without a word. */
const SESSION_MS = 10_000
/** How long a member may finish the batch at hand when others join or leave. */
const REBALANCE_MS = 60_000
/** A fetch waits so long for records, and `leave` so long for the fetch. */
const FETCH_WAIT_MS = 400
/** Of one answer, compressed as it is written; the next one is fetched while it is worked on. */
const FETCH_BYTES = 8 * 1024 * 1024
const PARTITION_FETCH_BYTES = 2 * 1024 * 1024
/** A broker that is away must not hold up the end. */
const LEAVE_TIMEOUT_MS = 5000

/** Joins the group with a client of its own. */
export const joinGroup = async (
  { kafka }: Connections,
  options: ConsumeOptions,
): Promise<GroupSession> => {
  const membership = openMembership(options)
  const commits = openCommits(membership)
  const handover = openRendezvous<RecordBatch>()
  const consumer = kafka.consumer({
    groupId: options.group,
    allowAutoTopicCreation: false,
    partitionAssigners: [noticingAssigner(membership)],
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytes: FETCH_BYTES,
    // Who asks for large batches gets them: a backlog of one partition in one piece instead of a little of each.
    maxBytesPerPartition: Math.min(FETCH_BYTES, options.maxBytes ?? PARTITION_FETCH_BYTES),
    // A client that has given up is replaced by a new one here; kafkajs' own restart can outlive `disconnect`.
    retry: { ...RETRY, retries: 20, restartOnFailure: async () => false },
  })
  consumer.on('consumer.group_join', ({ payload }) => membership.begin(payload.memberAssignment))
  consumer.on('consumer.crash', ({ payload }) => {
    membership.end(true)
    handover.fail(translateKafkaError(payload.error, `group ${options.group}`))
    handover.release()
  })
  const session: GroupSession = {
    next: () => handover.take(),
    close: () => handover.close(),
    leave: async () => {
      await commits.settled()
      handover.close()
      membership.end(true)
      const gone = disconnect(consumer)
      handover.release()
      await gone
    },
  }
  const delivery = { options, membership, commits, handover }
  try {
    await consumer.connect()
    const fromBeginning = options.from !== 'latest'
    await consumer.subscribe({ topics: [...options.topics], fromBeginning })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => deliverBatch(delivery, payload),
    })
  } catch (error) {
    await session.leave()
    throw translateKafkaError(error, `group ${options.group}`)
  }
  return session
}

/**
 * kafkajs asks its assigner in the turn in which it sends a request to join: from then on nothing is owned. (Its event of
 * a rebalance comes in some cases only.)
 */
const noticingAssigner =
  (membership: Membership): PartitionAssigner =>
  (parts) => {
    const assigner = kafkajs.PartitionAssigners.roundRobin(parts)
    return {
      name: assigner.name,
      version: assigner.version,
      assign: (group) => assigner.assign(group),
      protocol: (subscription) => {
        membership.end(false)
        return assigner.protocol(subscription)
      },
    }
  }

const disconnect = async (consumer: Consumer): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, LEAVE_TIMEOUT_MS)
  await Promise.race([consumer.disconnect().catch(() => undefined), late])
  clearTimeout(timer)
}
