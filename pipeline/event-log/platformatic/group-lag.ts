import type { Admin } from '@platformatic/kafka'
import type { PartitionLag } from '../event-log.ts'

const END = -1n
/** Up to the high watermark, as other tools count. */
const READ_UNCOMMITTED = 0

/** How far a group is behind: for the topics that it has committed on and those that its members ask for. */
export const groupLag = async (admin: Admin, group: string): Promise<readonly PartitionLag[]> => {
  const committed = await committedOffsets(admin, group)
  const topics = [
    ...new Set([...committed.keys(), ...(await subscribedTopics(admin, group))]),
  ].sort()
  if (topics.length === 0) return []
  const ends = await endsOf(admin, topics)
  return ends.flatMap(({ topic, partition, end }) => ({
    topic,
    partition,
    committed: committed.get(topic)?.get(partition) ?? null,
    end,
  }))
}

export const committedOffsets = async (
  admin: Admin,
  group: string,
): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> => {
  const [found] = await admin.listConsumerGroupOffsets({ groups: [group] })
  const topics = found?.topics ?? []
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      new Map(
        partitions
          .filter(({ committedOffset }) => committedOffset >= 0n)
          .map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]),
      ),
    ]),
  )
}

export interface PartitionEnd {
  readonly topic: string
  readonly partition: number
  readonly end: bigint
}

/** The next offset of every partition, in order. */
export const endsOf = async (
  admin: Admin,
  names: readonly string[],
): Promise<readonly PartitionEnd[]> => {
  const { topics } = await admin.metadata({ topics: [...names] })
  const listed = await admin.listOffsets({
    isolationLevel: READ_UNCOMMITTED,
    topics: names.map((name) => ({
      name,
      partitions: (topics.get(name)?.partitions ?? []).map((_, partitionIndex) => ({
        partitionIndex,
        timestamp: END,
      })),
    })),
  })
  const ends = listed.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, offset }) => ({
      topic: name,
      partition: partitionIndex,
      end: offset,
    })),
  )
  return ends.sort((a, b) =>
    a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
  )
}

const subscribedTopics = async (admin: Admin, group: string): Promise<readonly string[]> => {
  const groups = await admin.describeGroups({ groups: [group] })
  const members = [...(groups.get(group)?.members.values() ?? [])]
  return members.flatMap(({ metadata }) => metadata?.topics ?? [])
}
