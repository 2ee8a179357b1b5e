import type { LogRecord, Span } from '../otlp/otlp-types.ts'

const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/

const isOptionalId = (id: string, pattern: RegExp): boolean => id === '' || pattern.test(id)

/**
 * Why a span cannot be stored, or null. Only ids can be wrong: odd times, parents that are missing or form a cycle and
 * repeated span ids are facts about the sender that readers deal with.
 */
export const spanProblem = ({ traceId, spanId, parentSpanId }: Span): string | null => {
  if (!TRACE_ID.test(traceId)) return 'trace-id-invalid'
  if (!SPAN_ID.test(spanId)) return 'span-id-invalid'
  return isOptionalId(parentSpanId, SPAN_ID) ? null : 'parent-span-id-invalid'
}

/** The same for a log record, which may stand outside a trace. */
export const logProblem = ({ traceId, spanId }: LogRecord): string | null => {
  if (!isOptionalId(traceId, TRACE_ID)) return 'trace-id-invalid'
  return isOptionalId(spanId, SPAN_ID) ? null : 'span-id-invalid'
}
