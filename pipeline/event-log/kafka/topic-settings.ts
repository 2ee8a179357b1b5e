import type { TopicSpec, TopicState } from '../event-log.ts'
import { LARGEST_RECORD_BYTES } from '../record-size.ts'

const CLEANUP = 'cleanup.policy'
const RETENTION = 'retention.ms'
export const MAX_MESSAGE_BYTES = 'max.message.bytes'
export const SETTINGS = [CLEANUP, RETENTION, MAX_MESSAGE_BYTES] as const

/** Above the largest record there is room for what Kafka adds to a batch. */
const BATCH_OVERHEAD_BYTES = 64 * 1024
const MS_PER_HOUR = 3_600_000

/** What a topic of ours is made with. Never compacted: each record counts, not the last of its key. */
export const settingsOf = ({ retentionHours }: TopicSpec): Readonly<Record<string, string>> => ({
  [CLEANUP]: 'delete',
  [RETENTION]: String(retentionHours === null ? -1 : Math.ceil(retentionHours * MS_PER_HOUR)),
  [MAX_MESSAGE_BYTES]: String(LARGEST_RECORD_BYTES + BATCH_OVERHEAD_BYTES),
})

/** What is there, in the words of the table of topics. */
export const topicState = (
  name: string,
  partitions: number,
  settings: ReadonlyMap<string, string>,
): TopicState => {
  const retentionMs = Number(settings.get(RETENTION) ?? Number.NaN)
  return {
    name,
    partitions,
    retentionHours: retentionMs < 0 ? null : retentionMs / MS_PER_HOUR,
    isCompacted: (settings.get(CLEANUP) ?? '').includes('compact'),
    maxRecordBytes: Number(settings.get(MAX_MESSAGE_BYTES) ?? Number.NaN) - BATCH_OVERHEAD_BYTES,
  }
}
