import type { z } from 'zod'
import { digestOf } from '../../schemas/canonical-json.ts'
import { decodeEvent, encodeEvent } from '../../schemas/cloud-event.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { DeadLetter } from '../../schemas/operation-events.ts'
import { TOPICS, type Topic } from '../../schemas/topics.ts'
import { isoOf } from '../service-runtime/clock.ts'
import type { ConsumerServices, RecordBatch, StoredRecord } from './event-log.ts'

/** As base64 this fits into a record with room for the rest; what is larger is cut, and the reason says so. */
const KEPT_BYTES = 5 * 1024 * 1024

export interface DecodedRecord<Event> {
  readonly record: StoredRecord
  readonly event: Event
}

/**
 * The events of a batch in order. What does not decode goes to the dead-letter topic with its bytes and the reason
 * before this resolves, so that a poison record never blocks its partition.
 */
export const decodeBatch = async <Schema extends z.ZodType>(
  services: ConsumerServices,
  consumer: string,
  topic: Topic & { readonly schema: Schema },
  batch: RecordBatch,
): Promise<readonly DecodedRecord<z.infer<Schema>>[]> => {
  const decoded: DecodedRecord<z.infer<Schema>>[] = []
  for (const record of batch.records) {
    try {
      decoded.push({ record, event: decodeEvent(topic, record) })
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      await sendToDeadLetter(services, consumer, record, error)
    }
  }
  return decoded
}

export type TriedRecord = StoredRecord & { readonly attempts?: number }

/** Stores a record that can never be processed, with everything needed to look at it and to replay it. */
export const sendToDeadLetter = async (
  { log, clock, logger, metrics }: ConsumerServices,
  consumer: string,
  record: TriedRecord,
  error: InvalidInputError,
): Promise<void> => {
  const { topic, partition, offset } = record
  const place = { topic, partition, offset: String(offset), consumer }
  const time = isoOf(clock.nowMs())
  const cut =
    record.value.byteLength > KEPT_BYTES
      ? ` (first ${KEPT_BYTES} of ${record.value.byteLength} bytes)`
      : ''
  const letter: DeadLetter = {
    ...place,
    id: digestOf(place),
    code: error.code,
    reason: `${error.detail}${cut}`,
    attempts: record.attempts ?? 1,
    key: record.key,
    headers: record.headers,
    valueBase64: Buffer.from(record.value.subarray(0, KEPT_BYTES)).toString('base64'),
    at: time,
  }
  await log.append([
    encodeEvent(TOPICS.deadLetter, letter, {
      id: letter.id,
      source: `/neosigma/${consumer}`,
      time,
      key: topic,
    }),
  ])
  metrics.count('neosigma.dead.letters', 1, { consumer, code: error.code })
  logger.warn({ ...place, code: error.code, reason: error.detail }, 'record sent to dead letter')
}
