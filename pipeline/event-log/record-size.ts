import { InvalidInputError } from '../../schemas/errors.ts'
import type { NewRecord } from './event-log.ts'

/** The largest record that either driver takes: 8 MiB of value, and some room for key and headers. */
export const LARGEST_RECORD_BYTES = 8 * 1024 * 1024 + 64 * 1024

/** Bytes of a record as both drivers count them: value, key and headers. */
export const recordBytes = ({ key, value, headers = {} }: NewRecord): number =>
  Object.entries(headers).reduce(
    (sum, [name, content]) => sum + Buffer.byteLength(name) + Buffer.byteLength(content),
    value.byteLength + Buffer.byteLength(key ?? ''),
  )

/** @throws InvalidInputError `record-too-large` */
export const checkRecordSize = (record: NewRecord): void => {
  const bytes = recordBytes(record)
  if (bytes <= LARGEST_RECORD_BYTES) return
  throw new InvalidInputError(
    'record-too-large',
    `${record.topic}: a record of ${bytes} bytes; at most ${LARGEST_RECORD_BYTES} are taken.`,
  )
}
