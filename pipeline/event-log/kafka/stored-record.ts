import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { StoredRecord } from '../event-log.ts'

export const storedRecord = (
  topic: string,
  partition: number,
  { offset, key, value, headers, timestamp }: KafkaMessage,
): StoredRecord => ({
  topic,
  partition,
  offset: BigInt(offset),
  key: key?.toString('utf8') ?? null,
  value: value ?? new Uint8Array(),
  headers: headersOf(headers ?? {}),
  timestampMs: Number(timestamp),
})

/** Kafka lets a header repeat; the last one counts, as with Java's `lastHeader`. */
const headersOf = (headers: IHeaders): StoredRecord['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, content]) => {
      const last = Array.isArray(content) ? content.at(-1) : content
      return [name, last?.toString('utf8') ?? '']
    }),
  )
