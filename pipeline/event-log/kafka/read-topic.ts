import { setTimeout as pause } from 'node:timers/promises'
import type { Broker, Cluster, KafkaMessage } from 'kafkajs'
import { TransientError } from '../../../schemas/errors.ts'
import type { StoredRecord } from '../event-log.ts'
import { storedRecord } from './stored-record.ts'
import { isOffsetGone, translatedKafka } from './translate-kafka-error.ts'

const READ_COMMITTED = 1
const FETCH_BYTES = 4 * 1024 * 1024
const FETCH_WAIT_MS = 1000
/** Errors and empty answers in a row after which a read is given up. */
const TRIES = 10
const RETRY_MS = 300

type Message = KafkaMessage & { readonly isControlRecord?: boolean }

/** Every record from the beginning to the end that the topic has at the first read, partition after partition. */
export async function* readTopic(cluster: Cluster, topic: string): AsyncGenerator<StoredRecord> {
  const ends = await patiently(cluster, topic, async () => {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
    return offsetsOf(cluster, topic, false)
  })
  for (const [partition, end] of [...ends].sort(([a], [b]) => a - b))
    yield* readPartition(cluster, { topic, partition }, end)
}

interface Place {
  readonly topic: string
  readonly partition: number
}

async function* readPartition(
  cluster: Cluster,
  place: Place,
  end: bigint,
): AsyncGenerator<StoredRecord> {
  let next = await patiently(cluster, place.topic, () => beginningOf(cluster, place))
  while (next < end) {
    for (const message of await fetchSome(cluster, place, next)) {
      const offset = BigInt(message.offset)
      if (offset >= end) return
      if (offset < next) continue
      next = offset + 1n
      if (message.isControlRecord !== true)
        yield storedRecord(place.topic, place.partition, message)
    }
  }
}

/** The next messages, of which there must be some. */
const fetchSome = (cluster: Cluster, place: Place, offset: bigint): Promise<readonly Message[]> => {
  const what = `${place.topic}/${place.partition} at ${offset}`
  return patiently(cluster, what, async () => {
    const messages = await fetchFrom(cluster, place, offset)
    if (messages.length > 0) return messages
    throw new TransientError('log-unavailable', `${what}: nothing is there.`)
  })
}

/** Tries again for some seconds while the broker is away, or a new topic has no leaders yet. */
const patiently = async <Result>(
  cluster: Cluster,
  what: string,
  act: () => Promise<Result>,
): Promise<Result> => {
  for (let tries = 1; ; tries++) {
    try {
      return await translatedKafka(what, act)
    } catch (error) {
      if (!(error instanceof TransientError) || tries === TRIES) throw error
      await waitForBroker(cluster)
    }
  }
}

const waitForBroker = async (cluster: Cluster): Promise<void> => {
  await pause(RETRY_MS)
  await cluster.connect().catch(() => undefined)
  await cluster.refreshMetadata().catch(() => undefined)
}

const fetchFrom = async (
  cluster: Cluster,
  { topic, partition }: Place,
  offset: bigint,
): Promise<readonly Message[]> => {
  const broker = await leaderOf(cluster, { topic, partition })
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }]
  try {
    const { responses } = (await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      topics: [{ topic, partitions }],
    })) as FetchResponse
    return responses.flatMap((response) => response.partitions.flatMap(({ messages }) => messages))
  } catch (error) {
    if (!isOffsetGone(error)) throw error
    // Retention has overtaken the reader: it goes on where the partition begins now.
    const beginning = await beginningOf(cluster, { topic, partition })
    return beginning > offset ? fetchFrom(cluster, { topic, partition }, beginning) : []
  }
}

interface FetchResponse {
  readonly responses: readonly {
    readonly partitions: readonly { readonly messages: readonly Message[] }[]
  }[]
}

const leaderOf = async (cluster: Cluster, { topic, partition }: Place): Promise<Broker> => {
  const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  const broker = await cluster.findBroker({ nodeId })
  if (!broker.isConnected()) await broker.connect()
  return broker
}

const beginningOf = async (cluster: Cluster, { topic, partition }: Place): Promise<bigint> =>
  (await offsetsOf(cluster, topic, true)).get(partition) ?? 0n

/** The first or the next offset of every partition. */
export const offsetsOf = async (
  cluster: Cluster,
  topic: string,
  fromBeginning: boolean,
): Promise<ReadonlyMap<number, bigint>> => {
  const partitions = cluster
    .findTopicPartitionMetadata(topic)
    .map(({ partitionId }) => ({ partition: partitionId }))
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning }])
  return new Map(found?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
}
