import { setTimeout as pause } from 'node:timers/promises'
import type { ConnectionPool, Consumer } from '@platformatic/kafka'
import { TransientError } from '../../../schemas/errors.ts'
import type { ConsumeOptions, StoredRecord } from '../event-log.ts'
import { inPieces } from '../kafka/in-pieces.ts'
import type { Generation } from '../kafka/membership.ts'
import { isOffsetGone, translateKafkaError } from '../kafka/translate-kafka-error.ts'
import { type Fetched, fetchRecords, type Position } from './fetch-records.ts'
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
/**
 * A fetch holds so much as it was sent; several make a large batch. The library reads an answer in one go, which keeps the
 * event loop from its other work meanwhile, and what it becomes may be many times as much.
 */
const FETCH_BYTES = 2 * 1024 * 1024
/** With so much there is probably more. */
const FULL_BYTES = FETCH_BYTES / 2
const PARTITION_BYTES = 2 * 1024 * 1024
/** What is gathered for consumers that do not say how much they want. */
const BATCH_BYTES = 4 * 1024 * 1024
/** Beside more than this nothing is fetched ahead: a backlog would be held twice. */
const AHEAD_BYTES = 4 * 1024 * 1024
const RETRY_MS = 200

interface Held {
  readonly generation: Generation
  readonly positions: Map<string, Position>
  /** What has been fetched and is not yet in pieces, by `placeOf` its partition. */
  readonly found: Map<string, StoredRecord[]>
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
  const fetchAll = (
    { positions }: Held,
    maxWaitTime = LONGEST_WAIT_MS,
  ): Promise<readonly Fetched[]> =>
    fetchRecords(consumer, [...positions.values()], {
      maxWaitTime,
      maxBytes: FETCH_BYTES,
      partitionMaxBytes: Math.min(FETCH_BYTES, options.maxBytes ?? PARTITION_BYTES),
      connectionPool,
    })
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
      found: new Map(),
      pieces: [],
      ahead: null,
    }
  }
  const refill = async (generation: Generation): Promise<void> => {
    if (held?.generation !== generation) held = await beginAt(generation)
    if (held.pieces.length > 0 || held.positions.size === 0) return
    await gather(held, fetchAll, options.maxBytes ?? BATCH_BYTES)
    held.pieces = piecesOf(held, options)
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

/** Fetches until there is a batch, or no backlog. What an error leaves here is there when it is gone on with. */
const gather = async (
  held: Held,
  fetchAll: (held: Held, maxWaitTime?: number) => Promise<readonly Fetched[]>,
  mostBytes: number,
): Promise<void> => {
  let fetching = held.ahead ?? fetchAll(held)
  for (;;) {
    held.ahead = null
    const fetched = await fetching
    const last = take(held, fetched)
    const isBacklog = fetched.reduce((sum, { wireBytes }) => sum + wireBytes, 0) >= FULL_BYTES
    if (!isBacklog || bytesIn(held.found.values()) + last > mostBytes) return
    // What is in hand does not wait for what may come.
    fetching = fetchAll(held, 0)
  }
}

const bytesIn = (lists: Iterable<readonly StoredRecord[]>): number =>
  [...lists].flat().reduce((sum, { value }) => sum + value.byteLength, 0)

const placeOf = ({ topic, partition }: Pick<Position, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`

/** Answers how many bytes there were. */
const take = ({ positions, found }: Held, fetched: readonly Fetched[]): number => {
  for (const { topic, partition, next, records } of fetched) {
    const place = placeOf({ topic, partition })
    positions.set(place, { topic, partition, offset: next })
    found.set(place, [...(found.get(place) ?? []), ...records])
  }
  return bytesIn(fetched.map(({ records }) => records))
}

/**
 * Who asks for large batches gets them: a backlog of one partition in one piece instead of a little of each. Then it is
 * asked for last: a broker fills an answer in the order of the question.
 */
const piecesOf = ({ positions, found }: Held, options: ConsumeOptions): Held['pieces'] => {
  const pieces = [...found.values()].flatMap((records) => [...inPieces(records, options)])
  for (const place of found.keys()) {
    const position = positions.get(place)
    positions.delete(place)
    if (position !== undefined) positions.set(place, position)
  }
  found.clear()
  return pieces
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
