import type { EventLog, NewRecord, RecordBatch } from '../../pipeline/event-log/event-log.ts'
import { openEventLog as open } from '../../pipeline/event-log/open-event-log.ts'
import { crossing } from './crossing.ts'

/** The opener with points before and after each append and commit. */
export const openEventLog = async (...options: Parameters<typeof open>): Promise<EventLog> => {
  const log = await open(...options)
  const replaced: Partial<EventLog> = {
    append: async (records) => {
      const topics = topicsOf(records)
      for (const topic of topics) crossing(`before append ${topic}`)
      await log.append(records)
      for (const topic of topics) crossing(`after append ${topic}`)
    },
    consume: (given) => withCommits(log.consume(given), given.group),
  }
  return new Proxy(log, {
    get: (target, name) => Reflect.get(replaced, name) ?? Reflect.get(target, name),
  })
}

const topicsOf = (records: readonly NewRecord[]): readonly string[] => [
  ...new Set(records.map(({ topic }) => topic)),
]

async function* withCommits(
  batches: AsyncIterable<RecordBatch>,
  group: string,
): AsyncGenerator<RecordBatch> {
  for await (const batch of batches)
    yield {
      topic: batch.topic,
      partition: batch.partition,
      records: batch.records,
      heartbeat: () => batch.heartbeat(),
      commit: async (offset) => {
        crossing(`before commit ${group} ${batch.topic}`)
        const committed = await batch.commit(offset)
        crossing(`after commit ${group} ${batch.topic}`)
        return committed
      },
    }
}
