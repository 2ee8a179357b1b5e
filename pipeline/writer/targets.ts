import { InvariantError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { StoredRecord } from '../event-log/event-log.ts'
import { logRows } from './log-rows.ts'
import type { RecordRows } from './record-rows.ts'
import { spanRows } from './span-rows.ts'

/** Where the records of a topic go. */
export interface Target {
  readonly table: string
  /** @throws InvalidInputError where the record cannot be decoded */
  rowsOf(record: StoredRecord): RecordRows
}

const TARGETS = new Map<string, Target>([
  [TOPICS.spans.name, { table: 'otel_traces', rowsOf: ({ value }) => spanRows(value) }],
  [
    TOPICS.logs.name,
    {
      table: 'otel_logs',
      rowsOf: ({ topic, partition, offset, value }) =>
        logRows(value, `${topic}:${partition}:${offset}`),
    },
  ],
])

/** The topics that the writer reads. */
export const WRITTEN_TOPICS = [...TARGETS.keys()]

export const targetOf = (topic: string): Target => {
  const target = TARGETS.get(topic)
  if (target === undefined)
    throw new InvariantError('invariant-broken', `The writer was given a record of ${topic}.`)
  return target
}
