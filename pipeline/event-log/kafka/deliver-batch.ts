import type { EachBatchPayload } from 'kafkajs'
import type { ConsumeOptions, RecordBatch, StoredRecord } from '../event-log.ts'
import { type Commits, HEARTBEAT_MS } from './commits.ts'
import { inPieces } from './in-pieces.ts'
import type { Generation, Membership } from './membership.ts'
import type { Rendezvous } from './rendezvous.ts'
import { storedRecord } from './stored-record.ts'
import { isOwnershipLost, isRebalancing } from './translate-kafka-error.ts'

export interface Delivery {
  readonly options: ConsumeOptions
  readonly membership: Membership
  readonly commits: Commits
  readonly handover: Rendezvous<RecordBatch>
}

/** Heartbeats go on by themselves this long without a sign of the consumer (Java's `max.poll.interval.ms`). */
const LONGEST_SILENCE_MS = 300_000

/**
 * Hands what was fetched of one partition to the consumer in pieces, each when the one before is done, and keeps the
 * membership meanwhile: nothing else is fetched, which is the back-pressure. What is left when the ownership ends, or is
 * about to, is dropped without a trace: whoever owns the partition next fetches it again.
 */
export const deliverBatch = async (
  delivery: Delivery,
  payload: EachBatchPayload,
): Promise<void> => {
  const { membership, options } = delivery
  const { generation } = membership
  const { batch } = payload
  const place = `${batch.topic}/${batch.partition}`
  // Pieces of an earlier fetch may still stand in kafkajs' queue when the group has changed under them.
  await beat(membership, payload)
  const mayGoOn = (): boolean =>
    generation !== null && membership.generation === generation && !membership.isRebalancing
  const position = generation?.positions.get(place) ?? 0n
  const records = batch.messages
    .map((message) => storedRecord(batch.topic, batch.partition, message))
    .filter(({ offset }) => offset >= position)
  for (const piece of inPieces(records, options)) {
    if (!mayGoOn() || generation === null) return
    generation.positions.set(place, (piece.at(-1)?.offset ?? -1n) + 1n)
    await handOver(delivery, payload, generation, piece)
  }
  if (mayGoOn()) payload.resolveOffset(batch.lastOffset())
}

const handOver = async (
  { membership, commits, handover }: Delivery,
  payload: EachBatchPayload,
  generation: Generation,
  records: readonly StoredRecord[],
): Promise<void> => {
  const { topic, partition } = payload.batch
  const last = records.at(-1)?.offset ?? -1n
  let lastSignMs = Date.now()
  const heartbeat = async (): Promise<void> => {
    lastSignMs = Date.now()
    if (membership.generation === generation) await beat(membership, payload)
  }
  const done = handover.offer({
    topic,
    partition,
    records,
    commit: (offset = last) => {
      const next = (offset < last ? offset : last) + 1n
      const send = () => sendOffset(payload, next)
      return commits.commit({ generation, topic, partition, next, send })
    },
    heartbeat,
  })
  let isDone = false
  const finished = done.then(() => {
    isDone = true
  })
  while (!isDone && membership.generation === generation) {
    await sleepUnless(finished, HEARTBEAT_MS)
    const isSilent = Date.now() - lastSignMs > LONGEST_SILENCE_MS
    if (!isDone && !isSilent) await beat(membership, payload)
  }
}

/** kafkajs takes the generation's id in this very turn, so that a broker refuses it once the group has moved on. */
const sendOffset = async (payload: EachBatchPayload, next: bigint): Promise<boolean> => {
  const { topic, partition } = payload.batch
  await payload.commitOffsetsIfNecessary({
    topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
  })
  return true
}

/** A heartbeat that notes what the group says. A broker that does not answer is the client's own affair. */
const beat = async (membership: Membership, payload: EachBatchPayload): Promise<void> => {
  try {
    await payload.heartbeat()
  } catch (error) {
    if (isRebalancing(error)) membership.noteRebalance()
    else if (isOwnershipLost(error)) membership.end(true)
  }
}

const sleepUnless = async (finished: Promise<void>, ms: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([finished, promise])
  clearTimeout(timer)
}
