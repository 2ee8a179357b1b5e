import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { redactValue } from './redact.ts'

/** Replaces a value before it leaves the process; `key` is the attribute's name or empty. Undefined removes it. */
export type RedactValue = (value: unknown, key: string) => unknown

/** What stands for a record: everything of it but the members that were redacted. */
const copyWith = <T extends object>(record: T, changed: Partial<T>): T =>
  Object.create(
    record,
    Object.fromEntries(
      Object.entries(changed).map(([name, value]) => [name, { value, enumerable: true }]),
    ),
  )

const redactAll = <T extends object>(attributes: T | undefined, redact: RedactValue): T =>
  Object.fromEntries(
    Object.entries(attributes ?? {})
      .map(([key, value]) => [key, redact(value, key)] as const)
      .filter(([, value]) => value !== undefined),
  ) as T

/** A span with its attributes, events, links and status message redacted. */
export const redactSpan = (span: ReadableSpan, redact: RedactValue): ReadableSpan => {
  const { message } = span.status
  const shown = message === undefined ? undefined : redact(message, '')
  return copyWith(span, {
    attributes: redactAll(span.attributes, redact),
    events: span.events.map((event) => ({
      ...event,
      attributes: redactAll(event.attributes, redact),
    })),
    links: span.links.map((link) => ({ ...link, attributes: redactAll(link.attributes, redact) })),
    status: { code: span.status.code, ...(typeof shown === 'string' ? { message: shown } : {}) },
  })
}

/** A log record with its body and attributes redacted. */
export const redactLogRecord = (
  record: ReadableLogRecord,
  redact: RedactValue,
): ReadableLogRecord =>
  copyWith(record, {
    attributes: redactAll(record.attributes, redact),
    ...(record.body === undefined ? {} : { body: redact(record.body, '') as never }),
  })

/** Masks every text of a value. */
export const masking =
  (mask: (text: string) => string): RedactValue =>
  (value) =>
    redactValue(value, mask)

/** What people and models said, in the names of all dialects that are known. */
const CONTENT = new RegExp(
  [
    String.raw`^gen_ai\.(input\.messages|output\.messages|system_instructions|prompt|completion|prompt\.\d.*|completion\.\d.*|prompt\.variable\..*|tool\.call\.(arguments|result)|(memory|retrieval)\.(query\.text|documents|records))$`,
    String.raw`^(input|output)\.value$`,
    String.raw`^llm\.(input_messages|output_messages|prompts|prompt_template|invocation_parameters)\b`,
    String.raw`^(embedding\.embeddings|retrieval\.documents|reranker\.(input|output)_documents)\b`,
    String.raw`^traceloop\.entity\.(input|output)$`,
    String.raw`^ai\.(prompt|response\.(text|object|toolCalls)|toolCall\.(args|result))\b`,
    String.raw`^langfuse\.(observation|trace)\.(input|output)$`,
  ].join('|'),
)

/** Removes messages, tool arguments and results; who called what, when, and how it ended stays. */
export const withoutContent: RedactValue = (value, key) => {
  if (CONTENT.test(key)) return undefined
  return key === '' && typeof value === 'object' ? withoutTexts(value) : value
}

/** The body of a message event: its structure stays, of its texts only ids, names and reasons. */
const KEPT_TEXTS = new Set(['id', 'type', 'role', 'name', 'finish_reason'])

const withoutTexts = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTexts)
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? '' : value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      typeof part !== 'string' || KEPT_TEXTS.has(key)
        ? [[key, typeof part === 'string' ? part : withoutTexts(part)]]
        : [],
    ),
  )
}
