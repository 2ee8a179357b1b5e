import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { decodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { Topic } from '../../schemas/topics.ts'
import type { StoredRecord } from './event-log.ts'
import { type ConsumerServices, handBatches } from './run-consumer.ts'

export interface FollowOptions<Schema extends z.ZodType> {
  readonly topic: Topic & { readonly schema: Schema }
  /** Who follows, for the name of its group. */
  readonly consumer: string
  readonly signal: AbortSignal
  /** Every event once, in order of its partition. */
  readonly onEvent: (event: z.infer<Schema>) => void
}

/**
 * Holds a view of a whole topic in one process: everything from its beginning, then what comes. Resolves `caughtUp` when
 * what was there at the start has been seen, `ended` when the signal has aborted. It commits nothing: a view is rebuilt
 * at each start. Records that do not decode are left to the consumers that process the topic.
 */
export const followTopic = <Schema extends z.ZodType>(
  services: ConsumerServices,
  { topic, consumer, signal, onEvent }: FollowOptions<Schema>,
): { readonly caughtUp: Promise<void>; readonly ended: Promise<void> } => {
  const seen = new Map<number, bigint>()
  const take = (record: StoredRecord): void => {
    if (record.offset <= (seen.get(record.partition) ?? -1n)) return
    seen.set(record.partition, record.offset)
    try {
      onEvent(decodeEvent(topic, record))
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      services.logger.warn({ topic: topic.name, err: error }, 'a view skips a record')
    }
  }
  const caughtUp = (async () => {
    for await (const record of services.log.readAll(topic.name)) take(record)
  })()
  const group = `neosigma-${consumer}-view-${randomUUID()}`
  const ended = caughtUp.then(() =>
    handBatches(
      services,
      { group, topics: [topic.name], from: 'earliest', signal },
      async (batch) => batch.records.forEach(take),
    ),
  )
  return { caughtUp, ended }
}
