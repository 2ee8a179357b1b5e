import { firstOf, isObject, jsonOf, textOf, unflatten } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import { contentParts, toolCallOf } from './message-parts.ts'
import { filled, type Message, messageOf, messagesOf, systemMessage } from './messages.ts'
import type { Span, SpanEvent } from './read-spans.ts'

const DETAILS = 'gen_ai.client.inference.operation.details'
const MESSAGE_EVENTS: ReadonlyMap<string, string> = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
])

/** What went into a model or an agent, with its system instructions in front; null where no content was recorded. */
export const readInputMessages = (span: Span): readonly Message[] | null => {
  const messages =
    attributeMessages(span, KEYS.inputMessages, 'user') ??
    eventMessages(span.events, MESSAGE_EVENTS) ??
    eventMessages(listedEvents(span), MESSAGE_EVENTS) ??
    flatMessages(span, KEYS.flatInput, 'user') ??
    promptEvent(span.events, 'gen_ai.content.prompt', 'gen_ai.prompt', 'user') ??
    messagesOf(firstOf(span.attributes, KEYS.input), 'user')
  const instructions =
    firstOf(span.attributes, ['gen_ai.system_instructions']) ??
    firstOf(detailsOf(span), ['gen_ai.system_instructions'])
  if (instructions === null || messages?.[0]?.role === 'system') return messages
  return messages === null ? null : [systemMessage(instructions), ...messages]
}

/** What came out. */
export const readOutputMessages = (span: Span): readonly Message[] | null =>
  attributeMessages(span, KEYS.outputMessages, 'assistant') ??
  choiceMessages(span.events) ??
  choiceMessages(listedEvents(span)) ??
  flatMessages(span, KEYS.flatOutput, 'assistant') ??
  promptEvent(span.events, 'gen_ai.content.completion', 'gen_ai.completion', 'assistant') ??
  aiSdkAnswer(span) ??
  messagesOf(firstOf(span.attributes, KEYS.output), 'assistant')

/** The AI SDK's answer is in pieces: text, reasoning and tool calls, each in an attribute. */
const aiSdkAnswer = ({ attributes }: Span): readonly Message[] | null => {
  const calls = jsonOf(attributes['ai.response.toolCalls'])
  const reasoning = attributes['ai.response.reasoning']
  if (!Array.isArray(calls) && reasoning === undefined) return null
  return filled([
    {
      role: 'assistant',
      parts: [
        ...(reasoning ? [{ type: 'reasoning', content: reasoning } as const] : []),
        ...contentParts(attributes['ai.response.text']),
        ...(Array.isArray(calls) ? calls.map(toolCallOf) : []),
      ],
    },
  ])
}

const attributeMessages = (
  span: Span,
  keys: readonly string[],
  role: string,
): readonly Message[] | null =>
  messagesOf(firstOf(span.attributes, keys), role) ??
  messagesOf(firstOf(detailsOf(span), keys), role)

const detailsOf = (span: Span): Readonly<Record<string, string>> =>
  span.events.find(({ name }) => name === DETAILS)?.attributes ?? {}

const flatMessages = (
  span: Span,
  prefixes: readonly string[],
  role: string,
): readonly Message[] | null => {
  for (const prefix of prefixes) {
    const messages = filled(
      unflatten(span.attributes, prefix).map((entry) => messageOf(entry, role)),
    )
    if (messages !== null) return messages
  }
  return null
}

const eventMessages = (
  events: readonly SpanEvent[],
  roles: ReadonlyMap<string, string>,
): readonly Message[] | null =>
  filled(
    events.flatMap((event) => {
      const role = roles.get(event.name)
      return role === undefined ? [] : [messageOf(contentOf(event), role)]
    }),
  )

/** Pydantic AI's first versions write the message events as a list into one attribute. */
const listedEvents = ({ attributes, row }: Span): readonly SpanEvent[] => {
  const list = jsonOf(firstOf(attributes, KEYS.eventLists))
  return (Array.isArray(list) ? list : []).filter(isObject).map((event) => ({
    name: textOf(event['event.name']) ?? '',
    at: row.Timestamp,
    attributes: {},
    body: JSON.stringify(event),
  }))
}

const choiceMessages = (events: readonly SpanEvent[]): readonly Message[] | null =>
  filled(
    events
      .filter(({ name }) => name === 'gen_ai.choice')
      .map((event) => messageOf(contentOf(event), 'assistant')),
  )

/** A message event carries its content as the body of a log record, in one attribute, or as attributes of its own. */
const contentOf = ({ body, attributes }: SpanEvent): unknown => {
  if (body !== '') return jsonOf(body) ?? body
  const whole = attributes['gen_ai.event.content']
  if (whole !== undefined) return jsonOf(whole) ?? whole
  const { message, tool_calls: calls, ...rest } = attributes
  return {
    ...rest,
    ...(message === undefined ? {} : { message: jsonOf(message) ?? { content: message } }),
    ...(calls === undefined ? {} : { tool_calls: jsonOf(calls) }),
  }
}

const promptEvent = (
  events: readonly SpanEvent[],
  name: string,
  key: string,
  role: string,
): readonly Message[] | null => {
  const text = events.find((event) => event.name === name)?.attributes[key]
  return text === undefined ? null : (messagesOf(text, role) ?? [messageOf(text, role)])
}
