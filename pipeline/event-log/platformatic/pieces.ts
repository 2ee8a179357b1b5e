import { setTimeout as pause } from 'node:timers/promises'
import type { ConnectionPool, Consumer } from '@platformatic/kafka'
import { TransientError } from '../../../schemas/errors.ts'
import type { ConsumeOptions, StoredRecord } from '../event-log.ts'
import { inPieces } from '../kafka/in-pieces.ts'
import type { Generation } from '../kafka/membership.ts'
import { isOffsetGone, translateKafkaError } from '../kafka/translate-kafka-error.ts'
import { type Fetched, fetchRecords, type Position } from './fetch-records.ts'
import { type FetchSize, fetchSize } from './fetch-size.ts'
import { startingPositions, withinTopic } from './starting-positions.ts'

/** What the owned partitions hold, in pieces that the consumer asked for. */
export interface Pieces {
  /**
   * The next piece, fetched where none waits; the same one until `taken`. null where nothing came, which is soon asked
   * again. A new generation begins at what the group has committed: nothing of the one before is left.
   */
  next(generation: Generation): Promise<readonly StoredRecord[] | null>
  taken(generation: Generation): void
  /** Resolves when no request is under way. */
  settled(): Promise<void>
}

/** A fetch waits so long for records. */
const LONGEST_WAIT_MS = 400
const PARTITION_BYTES = 2 * 1024 * 1024
/** Beside more than this nothing is fetched ahead: a backlog would be held twice. */
const AHEAD_BYTES = 4 * 1024 * 1024
const RETRY_MS = 200

interface Held {
  readonly generation: Generation
  readonly positions: Map<string, Position>
  readonly size: FetchSize
  pieces: readonly (readonly StoredRecord[])[]
  /** The fetch behind what waits here, made while the consumer works: one at a time, which bounds what is held. */
  ahead: Promise<readonly Fetched[]> | null
}

/** A broker answers the requests of a connection in turn: commits and heartbeats are not to wait behind a fetch. */
export const openPieces = (
  consumer: Consumer,
  connectionPool: ConnectionPool,
  options: ConsumeOptions,
): Pieces => {
  const fetchAll = async ({ positions, size }: Held): Promise<readonly Fetched[]> => {
    const fetched = await fetchRecords(consumer, [...positions.values()], {
      maxWaitTime: LONGEST_WAIT_MS,
      maxBytes: size.bytes,
      partitionMaxBytes: Math.min(size.bytes, options.maxBytes ?? PARTITION_BYTES),
      connectionPool,
    })
    size.note(fetched)
    return fetched
  }
  /** Its error is met by whoever waits for it, if anybody does. */
  const fetchAhead = (of: Held): Promise<readonly Fetched[]> => {
    const fetching = fetchAll(of)
    fetching.catch(() => undefined)
    return fetching
  }
  let held: Held | null = null
  const settled = async (): Promise<void> => {
    await held?.ahead?.catch(() => undefined)
  }
  const beginAt = async (generation: Generation): Promise<Held> => {
    await settled()
    const positions = await startingPositions(consumer, options)
    return {
      generation,
      positions: new Map(positions.map((position) => [placeOf(position), position])),
      size: fetchSize(),
      pieces: [],
      ahead: null,
    }
  }
  const refill = async (generation: Generation): Promise<void> => {
    if (held?.generation !== generation) held = await beginAt(generation)
    if (held.pieces.length > 0 || held.positions.size === 0) return
    const fetching = held.ahead ?? fetchAll(held)
    held.ahead = null
    take(held, await fetching, options)
    if (held.pieces.length > 0 && bytesIn(held.pieces) < AHEAD_BYTES) held.ahead = fetchAhead(held)
  }
  return {
    next: async (generation) => {
      try {
        await refill(generation)
        return held?.pieces[0] ?? null
      } catch (cause) {
        await recover(consumer, held, cause)
        return null
      }
    },
    taken: (generation) => {
      if (held?.generation === generation) held.pieces = held.pieces.slice(1)
    },
    settled,
  }
}

const bytesIn = (pieces: Held['pieces']): number =>
  pieces.flat().reduce((sum, { value }) => sum + value.byteLength, 0)

const placeOf = ({ topic, partition }: Pick<Position, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`

/** Who asks for large batches gets them: a backlog of one partition in one piece instead of a little of each. */
const take = (held: Held, fetched: readonly Fetched[], options: ConsumeOptions): void => {
  for (const { topic, partition, next } of fetched)
    held.positions.set(placeOf({ topic, partition }), { topic, partition, offset: next })
  held.pieces = fetched.flatMap(({ records }) => [...inPieces(records, options)])
}

/** A broker that is away or has moved a leader is asked again. @throws NeoSigmaError what nobody mends by waiting */
const recover = async (consumer: Consumer, held: Held | null, cause: unknown): Promise<void> => {
  const error = translateKafkaError(cause, `group ${consumer.groupId}`)
  if (!(error instanceof TransientError)) throw error
  consumer.clearMetadata()
  if (held !== null && isOffsetGone(cause)) {
    const positions = await withinTopic(consumer, [...held.positions.values()]).catch(() => [])
    for (const position of positions) held.positions.set(placeOf(position), position)
  }
  await pause(RETRY_MS)
}
