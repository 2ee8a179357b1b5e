import { type Attributes, firstOf, isObject, jsonOf, unflatten } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import type { Span } from './read-spans.ts'

export interface StepError {
  readonly type: string
  readonly message: string
}

const EXCEPTION_EVENTS = new Set(['exception', 'gen_ai.client.operation.exception'])
const CUT_SHORT = new Set(['content_filter', 'content-filter', 'length', 'max_tokens'])

/**
 * The error that ended a span: its status, `error.type`, a level ERROR beside an unset status (Langfuse), an exception
 * that was recorded, or the finish reason `error`. A status of Ok means that the sender dealt with an exception.
 */
export const readError = (span: Span): StepError | null => {
  const { attributes, row } = span
  const exception = span.events.find(({ name }) => EXCEPTION_EVENTS.has(name))?.attributes
  const type =
    firstOf(attributes, ['error.type', 'exception.type']) ?? exception?.['exception.type']
  const message =
    withoutType(row.StatusMessage, exception?.['exception.message']) ||
    (firstOf(attributes, ['langfuse.observation.status_message', 'error.message']) ??
      exception?.['exception.message'] ??
      '')
  const failed =
    /error$/i.test(row.StatusCode) ||
    attributes['langfuse.observation.level'] === 'ERROR' ||
    firstOf(attributes, ['error.type']) !== null ||
    (exception !== undefined && !/ok$/i.test(row.StatusCode))
  if (failed) return { type: classOf(type ?? 'error'), message }
  if (saysError(attributes)) return { type: 'tool_error', message }
  return finishReasons(span).includes('error') ? { type: 'finish_reason.error', message } : null
}

/** OpenTelemetry for Python describes a status as `Type: message` where the exception beside it says both apart. */
const withoutType = (description: string, said: string | undefined): string =>
  said !== undefined &&
  said !== '' &&
  /^[\w.]+: /.test(description) &&
  description.endsWith(`: ${said}`)
    ? said
    : description

/** A class of Python as some print it: `<class 'openai.NotFoundError'>`. */
const classOf = (type: string): string => /^<class '([\w.]+)'>$/.exec(type)?.[1] ?? type

/** An MCP server reports the failure of a tool in its result, under a transport that is fine. */
const saysError = (attributes: Attributes): boolean => {
  if (
    attributes['mcp.method.name'] === undefined &&
    attributes['traceloop.entity.name'] === undefined
  )
    return false
  const result = jsonOf(firstOf(attributes, KEYS.toolOutput))
  return isObject(result) && result['isError'] === true
}

/** A model's answer that was cut short or withheld: an error of the step, though not of the span. */
export const readCutShort = (span: Span): StepError | null => {
  const reason = finishReasons(span).find((finish) => CUT_SHORT.has(finish))
  return reason === undefined
    ? null
    : { type: `finish_reason.${reason.replace('-', '_')}`, message: '' }
}

const finishReasons = ({ attributes, events }: Span): readonly string[] => {
  const listed = attributes['gen_ai.response.finish_reasons'] ?? ''
  const parsed = jsonOf(listed)
  const choices = events.filter(({ name }) => name === 'gen_ai.choice')
  return [
    ...(Array.isArray(parsed) ? parsed : [listed]),
    ...['llm.finish_reason', 'ai.response.finishReason'].map((key) => attributes[key]),
    ...unflatten(attributes, 'gen_ai.completion.').map((entry) => entry['finish_reason']),
    ...choices.map((choice) => finishOf(choice.body) ?? choice.attributes['finish_reason']),
  ].filter((reason) => typeof reason === 'string' && reason !== '') as readonly string[]
}

const finishOf = (body: string): unknown => {
  const choice = jsonOf(body)
  return typeof choice === 'object' && choice !== null && 'finish_reason' in choice
    ? choice.finish_reason
    : undefined
}
