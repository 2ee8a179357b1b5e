import kafkajs from 'kafkajs'
import type { PartitionLag } from '../event-log.ts'
import type { Connections } from './connect.ts'

/** How far a group is behind: for the topics that it has committed on and those that its members ask for. */
export const groupLag = async (
  { admin }: Connections,
  group: string,
): Promise<readonly PartitionLag[]> => {
  const committed = await committedOffsets({ admin }, group)
  const topics = new Set([...committed.keys(), ...(await subscribedTopics({ admin }, group))])
  const lags = await Promise.all(
    [...topics].sort().map(async (topic) =>
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({
        topic,
        partition,
        committed: committed.get(topic)?.get(partition) ?? null,
        end: BigInt(high),
      })),
    ),
  )
  return lags.flatMap((ofTopic) => ofTopic.sort((a, b) => a.partition - b.partition))
}

const committedOffsets = async (
  { admin }: Pick<Connections, 'admin'>,
  groupId: string,
): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> => {
  const topics = await admin.fetchOffsets({ groupId })
  return new Map(
    topics.map(({ topic, partitions }) => [
      topic,
      new Map(
        partitions
          .filter(({ offset }) => offset !== '-1')
          .map(({ partition, offset }) => [partition, BigInt(offset)]),
      ),
    ]),
  )
}

const subscribedTopics = async (
  { admin }: Pick<Connections, 'admin'>,
  group: string,
): Promise<readonly string[]> => {
  const { groups } = await admin.describeGroups([group])
  return groups.flatMap(({ members }) =>
    members.flatMap(({ memberMetadata }) =>
      memberMetadata.length === 0
        ? []
        : (kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? []),
    ),
  )
}
