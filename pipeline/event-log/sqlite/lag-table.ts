import type { PartitionLag } from '../event-log.ts'
import type { LogFile } from './log-file.ts'

/** How far a group is behind, for every partition that it has ever asked for. */
export const lagReader = ({ state }: LogFile): ((group: string) => readonly PartitionLag[]) => {
  const select = state.prepare(
    `SELECT topic.name AS topic, partition.number AS partition, committed, next_offset AS end
     FROM ownership JOIN partition ON partition.id = partition_id JOIN topic ON topic.id = topic_id
     WHERE group_name = ? ORDER BY topic.name, partition.number`,
  )
  return (group) =>
    select.all(group).map((row) => ({
      topic: String(row['topic']),
      partition: Number(row['partition']),
      committed: row['committed'] === null ? null : BigInt(Number(row['committed'])),
      end: BigInt(Number(row['end'])),
    }))
}
