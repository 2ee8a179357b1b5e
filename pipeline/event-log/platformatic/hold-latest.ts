import type { Admin } from '@platformatic/kafka'
import type { ConsumeOptions } from '../event-log.ts'
import { isOwnershipLost } from '../kafka/translate-kafka-error.ts'
import { committedOffsets, endsOf } from './group-lag.ts'

/**
 * A group that begins at the end is held there before it reads: else a crash before its first commit would lose records.
 * Only a group without members and without offsets is touched.
 */
export const holdLatest = async (
  admin: Admin,
  { group, topics }: Pick<ConsumeOptions, 'group' | 'topics'>,
): Promise<void> => {
  const committed = await committedOffsets(admin, group)
  const missing = (await endsOf(admin, topics)).filter(
    ({ topic, partition }) => committed.get(topic)?.get(partition) === undefined,
  )
  if (missing.length === 0) return
  try {
    // As nobody's member: the broker takes it only while nobody is in the group.
    await admin.alterConsumerGroupOffsets({
      groupId: group,
      topics: [...Map.groupBy(missing, ({ topic }) => topic)].map(([name, partitions]) => ({
        name,
        partitionOffsets: partitions.map(({ partition, end }) => ({ partition, offset: end })),
      })),
    })
  } catch (error) {
    if (!isOwnershipLost(error)) throw error
  }
}
