import type { LogRecordExporter } from '@opentelemetry/sdk-logs'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { type Redact, redactValue } from './redact.ts'

/** What stands for a record: everything of it but the members that were redacted. */
const copyWith = <T extends object>(record: T, changed: Partial<T>): T =>
  Object.create(
    record,
    Object.fromEntries(
      Object.entries(changed).map(([name, value]) => [name, { value, enumerable: true }]),
    ),
  )

const redacted = <T>(value: T, redact: Redact): T => redactValue(value, redact) as T

/** Redacts attributes, events, links and the status message of every span before it is exported. */
export const redactingSpanExporter = (exporter: SpanExporter, redact: Redact): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(
      spans.map((span) =>
        copyWith(span, {
          attributes: redacted(span.attributes, redact),
          events: span.events.map((event) => ({
            ...event,
            attributes: redacted(event.attributes ?? {}, redact),
          })),
          links: span.links.map((link) => ({
            ...link,
            attributes: redacted(link.attributes ?? {}, redact),
          })),
          status: redacted(span.status, redact),
        }),
      ),
      done,
    ),
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  shutdown: () => exporter.shutdown(),
})

/** Redacts body and attributes of every log record before it is exported. */
export const redactingLogExporter = (
  exporter: LogRecordExporter,
  redact: Redact,
): LogRecordExporter => ({
  export: (records, done) =>
    exporter.export(
      records.map((record) =>
        copyWith(record, {
          attributes: redacted(record.attributes, redact),
          ...(record.body === undefined ? {} : { body: redacted(record.body, redact) }),
        }),
      ),
      done,
    ),
  forceFlush: () => exporter.forceFlush(),
  shutdown: () => exporter.shutdown(),
})
