import type { ConnectionPool, Consumer, FetchOptions, RecordsBatch } from '@platformatic/kafka'
import type { StoredRecord } from '../event-log.ts'

type FetchRequestTopic = FetchOptions<Buffer, Buffer, Buffer, Buffer>['topics'][number]
type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

export interface Position {
  readonly topic: string
  readonly partition: number
  /** The next offset to read. */
  readonly offset: bigint
}

/** What was found from a position on. */
export interface Fetched extends Position {
  readonly records: readonly StoredRecord[]
  /** What was sent for them. */
  readonly wireBytes: number
  /** Where to read on: also behind what holds no records, as the marks of transactions. */
  readonly next: bigint
}

export interface FetchLimits {
  readonly maxWaitTime: number
  readonly maxBytes: number
  readonly partitionMaxBytes: number
  /** Default: the connections of the consumer, where a fetch that waits keeps what is behind it waiting. */
  readonly connectionPool?: ConnectionPool
}

const IS_CONTROL = 0b10_0000
const IS_LOG_APPEND_TIME = 0b1000
const ANY_EPOCH = -1

/**
 * Asks the leaders of the positions, all at once, and answers those of which something was found. The library's streams
 * are not used: they fetch on behind a rebalance, and would deliver what was fetched before it.
 */
export const fetchRecords = async (
  consumer: Consumer,
  positions: readonly Position[],
  limits: FetchLimits,
): Promise<readonly Fetched[]> => {
  const names = [...new Set(positions.map(({ topic }) => topic))]
  const { topics } = await consumer.metadata({ topics: names })
  const leaderOf = ({ topic, partition }: Position): number =>
    topics.get(topic)?.partitions[partition]?.leader ?? -1
  const idOf = (name: string): string => topics.get(name)?.id ?? ''
  const nameOf = new Map(names.map((name) => [idOf(name), name]))
  const answers = await Promise.all(
    [...Map.groupBy(positions, leaderOf)].map(([node, ofNode]) =>
      consumer.fetch({
        node,
        ...limits,
        topics: requestOf(ofNode, idOf, limits),
      }),
    ),
  )
  return answers.flatMap((answer) => found(answer, nameOf, positions))
}

const requestOf = (
  positions: readonly Position[],
  idOf: (name: string) => string,
  { partitionMaxBytes }: FetchLimits,
): FetchRequestTopic[] =>
  [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topicId: idOf(topic),
    partitions: ofTopic.map(({ partition, offset }) => ({
      partition,
      fetchOffset: offset,
      currentLeaderEpoch: ANY_EPOCH,
      lastFetchedEpoch: ANY_EPOCH,
      partitionMaxBytes,
    })),
  }))

const found = (
  { responses }: FetchResponse,
  nameOf: ReadonlyMap<string, string>,
  positions: readonly Position[],
): readonly Fetched[] =>
  responses.flatMap(({ topicId, partitions }) =>
    partitions.flatMap(({ partitionIndex, records }) => {
      const position = positions.find(
        ({ topic, partition }) => topic === nameOf.get(topicId) && partition === partitionIndex,
      )
      return position === undefined ? [] : decoded(position, records ?? [])
    }),
  )

const decoded = (position: Position, batches: readonly RecordsBatch[]): readonly Fetched[] => {
  const last = batches.at(-1)
  if (last === undefined) return []
  const next = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n
  if (next <= position.offset) return []
  const records = batches
    .filter(({ attributes }) => (attributes & IS_CONTROL) === 0)
    .flatMap((batch) => storedRecords(position, batch))
    .filter(({ offset }) => offset >= position.offset)
  const wireBytes = batches.reduce((sum, { length }) => sum + length, 0)
  return [{ ...position, records, wireBytes, next }]
}

const storedRecords = (
  { topic, partition }: Position,
  { firstOffset, firstTimestamp, maxTimestamp, attributes, records }: RecordsBatch,
): readonly StoredRecord[] => {
  const isAppendTime = (attributes & IS_LOG_APPEND_TIME) !== 0
  return records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
    topic,
    partition,
    offset: firstOffset + BigInt(offsetDelta),
    key: key?.toString('utf8') ?? null,
    value: value ?? new Uint8Array(),
    headers: Object.fromEntries(
      headers.map(([name, content]) => [
        name?.toString('utf8') ?? '',
        content?.toString('utf8') ?? '',
      ]),
    ),
    timestampMs: Number(isAppendTime ? maxTimestamp : firstTimestamp + timestampDelta),
  }))
}
