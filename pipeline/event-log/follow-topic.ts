import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { decodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError, NeoSigmaError } from '../../schemas/errors.ts'
import type { Topic } from '../../schemas/topics.ts'
import type { ConsumerServices, StoredRecord } from './event-log.ts'
import { runView } from './run-consumer.ts'

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
 * at each start. Records that do not decode are left to the consumers that process the topic; one that `onEvent` cannot take
 * is told and skipped, since it would end every process that holds the view, at every start.
 */
export const followTopic = <Schema extends z.ZodType>(
  services: ConsumerServices,
  { topic, consumer, signal, onEvent }: FollowOptions<Schema>,
): { readonly caughtUp: Promise<void>; readonly ended: Promise<void> } => {
  const seen = new Map<number, bigint>()
  const skip = (error: unknown): void => {
    const code = error instanceof NeoSigmaError ? error.code : 'unknown'
    services.metrics.count('neosigma.view.skipped', 1, { topic: topic.name, code })
    const level = error instanceof InvalidInputError ? 'warn' : 'error'
    services.logger[level]({ topic: topic.name, err: error }, 'a view skips a record')
  }
  const take = (record: StoredRecord): void => {
    if (record.offset <= (seen.get(record.partition) ?? -1n)) return
    seen.set(record.partition, record.offset)
    try {
      onEvent(decodeEvent(topic, record))
    } catch (error) {
      skip(error)
    }
  }
  const caughtUp = (async () => {
    for await (const record of services.log.readAll(topic.name)) take(record)
  })()
  const group = `neosigma-${consumer}-view-${randomUUID()}`
  const ended = caughtUp.then(() =>
    runView(services, { group, topics: [topic.name], from: 'earliest', signal }, async (batch) =>
      batch.records.forEach(take),
    ),
  )
  return { caughtUp, ended }
}
