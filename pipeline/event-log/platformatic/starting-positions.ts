import type { Consumer } from '@platformatic/kafka'
import type { ConsumeOptions } from '../event-log.ts'
import type { Position } from './fetch-records.ts'

const BEGINNING = -2n
const END = -1n

/** Where the group stands on what this member owns: at what it committed, else where it is to begin. */
export const startingPositions = async (
  consumer: Consumer,
  { from }: Pick<ConsumeOptions, 'from'>,
): Promise<readonly Position[]> => {
  const owned = (consumer.assignments ?? []).filter(({ partitions }) => partitions.length > 0)
  if (owned.length === 0) return []
  const committed = await consumer.listCommittedOffsets({ topics: owned })
  const positions = owned.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({
      topic,
      partition,
      offset: committed.get(topic)?.[partition] ?? -1n,
    })),
  )
  if (positions.every(({ offset }) => offset >= 0n)) return positions
  const topics = owned.map(({ topic }) => topic)
  const timestamp = from === 'latest' ? END : BEGINNING
  const found = await consumer.listOffsets({ topics, timestamp })
  return positions.map((position) =>
    position.offset >= 0n
      ? position
      : { ...position, offset: found.get(position.topic)?.[position.partition] ?? 0n },
  )
}

/** Positions that retention has overtaken go to the beginning, those beyond what is there to the end. */
export const withinTopic = async (
  consumer: Consumer,
  positions: readonly Position[],
): Promise<readonly Position[]> => {
  const topics = [...new Set(positions.map(({ topic }) => topic))]
  const beginnings = await consumer.listOffsets({ topics, timestamp: BEGINNING })
  const ends = await consumer.listOffsets({ topics, timestamp: END })
  return positions.map(({ topic, partition, offset }) => {
    const beginning = beginnings.get(topic)?.[partition] ?? offset
    const end = ends.get(topic)?.[partition] ?? offset
    if (offset < beginning) return { topic, partition, offset: beginning }
    // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint.
    return { topic, partition, offset: offset > end ? end : offset }
  })
}
