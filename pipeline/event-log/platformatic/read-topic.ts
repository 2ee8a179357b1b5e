import { type Admin, type BaseOptions, Consumer } from '@platformatic/kafka'
import { TransientError } from '../../../schemas/errors.ts'
import type { StoredRecord } from '../event-log.ts'
import { retrying } from '../kafka/retrying.ts'
import { isOffsetGone, translatedKafka } from '../kafka/translate-kafka-error.ts'
import { type Fetched, fetchRecords, type Position } from './fetch-records.ts'
import { platformaticTopics } from './platformatic-topics.ts'

const BEGINNING = -2n
const END = -1n
const LIMITS = {
  maxWaitTime: 1000,
  maxBytes: 4 * 1024 * 1024,
  partitionMaxBytes: 4 * 1024 * 1024,
} as const
/** Errors and empty answers in a row after which a read is given up. */
const PATIENCE = { tries: 10, pauseMs: 300 } as const

/** Every record from the beginning to the end that the topic has at the first read, partition after partition. */
export async function* readTopic(
  options: BaseOptions,
  admin: Admin,
  topic: string,
): AsyncGenerator<StoredRecord> {
  await platformaticTopics(admin).leaders(topic)
  // It joins nothing: the name only stands in the requests that it does not send.
  const consumer = new Consumer({ ...options, groupId: 'neosigma-reader' })
  consumer.topics.track(topic)
  try {
    const ends = await offsetsOf(consumer, topic, END)
    for (const [partition, end] of ends.entries())
      yield* readPartition(consumer, { topic, partition }, end)
  } finally {
    await consumer.close().catch(() => undefined)
  }
}

type Place = Pick<Position, 'topic' | 'partition'>

async function* readPartition(
  consumer: Consumer,
  place: Place,
  end: bigint,
): AsyncGenerator<StoredRecord> {
  if (end === 0n) return
  let next = await beginningOf(consumer, place)
  while (next < end) {
    const fetched = await fetchSome(consumer, { ...place, offset: next })
    for (const record of fetched.records) {
      if (record.offset >= end) return
      yield record
    }
    ;({ next } = fetched)
  }
}

/** The next records, of which there must be some. */
const fetchSome = (consumer: Consumer, position: Position): Promise<Fetched> => {
  const what = `${position.topic}/${position.partition} at ${position.offset}`
  return retrying(PATIENCE, async () => {
    const [fetched] = await translatedKafka(what, () => fetchOrSkip(consumer, position))
    if (fetched !== undefined) return fetched
    throw new TransientError('log-unavailable', `${what}: nothing is there.`)
  })
}

/** Where retention has overtaken the reader, it goes on where the partition begins now. */
const fetchOrSkip = async (consumer: Consumer, position: Position): Promise<readonly Fetched[]> => {
  try {
    return await fetchRecords(consumer, [position], LIMITS)
  } catch (error) {
    if (!isOffsetGone(error)) throw error
    const offset = await beginningOf(consumer, position)
    return offset > position.offset ? fetchRecords(consumer, [{ ...position, offset }], LIMITS) : []
  }
}

const beginningOf = async (consumer: Consumer, { topic, partition }: Place): Promise<bigint> =>
  (await offsetsOf(consumer, topic, BEGINNING))[partition] ?? 0n

const offsetsOf = (
  consumer: Consumer,
  topic: string,
  timestamp: bigint,
): Promise<readonly bigint[]> =>
  retrying(PATIENCE, async () => {
    const offsets = await translatedKafka(topic, () =>
      consumer.listOffsets({ topics: [topic], timestamp }),
    )
    return offsets.get(topic) ?? []
  })
