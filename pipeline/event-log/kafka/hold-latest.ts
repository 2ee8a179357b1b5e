import type { ConsumeOptions } from '../event-log.ts'
import type { Connections } from './connect.ts'
import { isOwnershipLost } from './translate-kafka-error.ts'

/**
 * A group that begins at the end is held there before it reads: else a crash before its first commit would lose records.
 * Only a group without members and without offsets is touched.
 */
export const holdLatest = async (
  { admin, cluster }: Connections,
  { group, topics }: Pick<ConsumeOptions, 'group' | 'topics'>,
): Promise<void> => {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] })
  const missing = committed.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset }) => offset === '-1')
      .map(({ partition }) => ({ topic, partition })),
  )
  if (missing.length === 0) return
  const byTopic = [...Map.groupBy(missing, ({ topic }) => topic)]
  await cluster.addMultipleTargetTopics(byTopic.map(([topic]) => topic))
  const ends = await cluster.fetchTopicsOffset(
    byTopic.map(([topic, partitions]) => ({ topic, partitions, fromBeginning: false })),
  )
  const coordinator = await cluster.findGroupCoordinator({ groupId: group })
  try {
    // Generation −1 and no member: the broker takes it only while nobody is in the group.
    await coordinator.offsetCommit({
      groupId: group,
      groupGenerationId: -1,
      memberId: '',
      topics: ends,
    })
  } catch (error) {
    if (!isOwnershipLost(error)) throw error
  }
}
