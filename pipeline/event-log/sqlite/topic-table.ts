import { InvalidInputError } from '../../../schemas/errors.ts'
import type { TopicSpec, TopicState } from '../event-log.ts'
import { LARGEST_RECORD_BYTES } from '../record-size.ts'
import { type LogFile, transact } from './log-file.ts'

export interface StoredTopic {
  readonly id: number
  readonly name: string
  /** Ids of the partitions by their number. */
  readonly partitionIds: readonly number[]
}

export interface TopicTable {
  create(topics: readonly TopicSpec[]): void
  describe(names: readonly string[]): readonly TopicState[]
  /** @throws InvalidInputError `topic-unknown` */
  find(name: string): StoredTopic
}

/** The topics of the file. What was found once is remembered: the partitions of a topic never change. */
export const openTopicTable = ({ state }: LogFile): TopicTable => {
  const known = new Map<string, StoredTopic>()
  const insertTopic = state.prepare(
    'INSERT INTO topic (name, retention_hours) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id',
  )
  const insertPartition = state.prepare('INSERT INTO partition (topic_id, number) VALUES (?, ?)')
  const select = state.prepare(
    `SELECT partition.topic_id AS topicId, partition.id AS partitionId FROM partition
     JOIN topic ON topic.id = partition.topic_id WHERE topic.name = ? ORDER BY partition.number`,
  )
  const selectState = state.prepare(
    `SELECT retention_hours AS retentionHours, count(partition.id) AS partitions FROM topic
     JOIN partition ON partition.topic_id = topic.id WHERE topic.name = ? GROUP BY topic.id`,
  )
  const load = (name: string): StoredTopic => {
    const rows = select.all(name)
    const [first] = rows
    if (first === undefined)
      throw new InvalidInputError('topic-unknown', `There is no topic ${name} in the event log.`)
    return {
      id: Number(first['topicId']),
      name,
      partitionIds: rows.map((row) => Number(row['partitionId'])),
    }
  }
  return {
    create: (topics) =>
      transact(state, () => {
        for (const { name, partitions, retentionHours } of topics) {
          const topicId = insertTopic.get(name, retentionHours)?.['id']
          if (topicId === undefined) continue
          for (let number = 0; number < partitions; number += 1)
            insertPartition.run(topicId, number)
        }
      }),
    describe: (names) =>
      names.flatMap((name) => {
        const row = selectState.get(name)
        if (row === undefined) return []
        const hours = row['retentionHours']
        return {
          name,
          partitions: Number(row['partitions']),
          retentionHours: hours === null ? null : Number(hours),
          isCompacted: false,
          maxRecordBytes: LARGEST_RECORD_BYTES,
        }
      }),
    find: (name) => {
      const topic = known.get(name) ?? load(name)
      known.set(name, topic)
      return topic
    },
  }
}
