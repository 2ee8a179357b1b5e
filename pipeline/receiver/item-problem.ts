import type { Id, Item } from './read-item.ts'

const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8

/** An id of zeros is no id: W3C calls it invalid, and SDKs write it for "no parent". */
export const isAbsentId = (bytes: Uint8Array, { start, length }: Id): boolean => {
  for (let i = start; i < start + length; i += 1) if (bytes[i] !== 0) return false
  return true
}

const isOptionalId = (bytes: Uint8Array, id: Id, length: number): boolean =>
  id.length === length || isAbsentId(bytes, id)

const isId = (bytes: Uint8Array, id: Id, length: number): boolean =>
  id.length === length && !isAbsentId(bytes, id)

/** Why an item within these bytes cannot be stored, or null. */
export type ItemProblem = (bytes: Uint8Array, item: Item) => string | null

/**
 * Only ids of a span can be wrong: odd times, parents that are missing or form a cycle and repeated span ids are facts
 * about the sender that readers deal with.
 */
export const spanProblem: ItemProblem = (bytes, { traceId, spanId, parentSpanId }) => {
  if (!isId(bytes, traceId, TRACE_ID_BYTES)) return 'trace-id-invalid'
  if (!isId(bytes, spanId, SPAN_ID_BYTES)) return 'span-id-invalid'
  return isOptionalId(bytes, parentSpanId, SPAN_ID_BYTES) ? null : 'parent-span-id-invalid'
}

/** The same for a log record, which may stand outside a trace. */
export const logProblem: ItemProblem = (bytes, { traceId, spanId }) => {
  if (!isOptionalId(bytes, traceId, TRACE_ID_BYTES)) return 'trace-id-invalid'
  return isOptionalId(bytes, spanId, SPAN_ID_BYTES) ? null : 'span-id-invalid'
}
