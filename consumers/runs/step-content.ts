import { firstOf, isObject, jsonOf, textOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import type { Message } from './messages.ts'
import { readInputMessages, readOutputMessages } from './read-messages.ts'
import type { Span } from './read-spans.ts'
import type { SpanNode } from './span-tree.ts'

/** What went into a step and what came out, as text or as JSON text of messages; null where nothing was recorded. */
export const stepContent = (
  node: SpanNode,
): { readonly input: string | null; readonly output: string | null } => {
  const { span, kind } = node
  if (kind === 'tool')
    return {
      input: plainText(firstOf(span.attributes, KEYS.toolInput)),
      output: plainText(firstOf(span.attributes, KEYS.toolOutput)),
    }
  return {
    input: contentOf(node, readInputMessages(span), KEYS.input),
    output: contentOf(node, readOutputMessages(span), KEYS.output),
  }
}

const contentOf = (
  { span, kind }: SpanNode,
  messages: readonly Message[] | null,
  keys: readonly string[],
): string | null => {
  if (messages !== null) return JSON.stringify(messages)
  const text = plainText(firstOf(span.attributes, keys))
  if (text === null || kind !== 'llm' || jsonOf(text) !== undefined) return text
  // What a model was told and said is a message, also where its words alone were recorded.
  const role = keys === KEYS.input ? 'user' : 'assistant'
  return JSON.stringify([{ role, parts: [{ type: 'text', content: text }] }])
}

/**
 * A value in one form whatever the dialect: JSON without spaces between its parts, and JSON text of a text as the text.
 * Numbers stay as they were written.
 */
const plainText = (text: string | null): string | null => {
  const value = jsonOf(text)
  if (text === null || value === undefined) return text
  if (typeof value === 'string') return plainText(value)
  const called = calledWith(value)
  return called ?? text.trim().replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
}

/** Decorators of Python record a call as `{args, kwargs}`: its only argument, or its named ones. */
const calledWith = (value: unknown): string | null => {
  if (!isObject(value) || Object.keys(value).sort().join() !== 'args,kwargs') return null
  const { args, kwargs } = value
  if (!Array.isArray(args) || !isObject(kwargs)) return null
  const [first, ...others] = args
  const isNamed = Object.keys(kwargs).length > 0
  if (isNamed) return args.length === 0 ? JSON.stringify(kwargs) : null
  return others.length === 0 && first !== undefined ? textOf(first) : null
}

/**
 * The task: what users said to the agent since it last answered, else its input as it is. An agent is often given the
 * conversation so far, or says at its end all that was said in it.
 */
export const taskOf = (span: Span): string | null => {
  const messages = readInputMessages(span)
  if (messages === null) return plainText(firstOf(span.attributes, KEYS.input))
  return lastAsked(messages) ?? JSON.stringify(messages)
}

/** Whether an agent's input holds words of its own: those before it began, or of the whole of its work. */
export const holdsAnswers = (span: Span): boolean =>
  readInputMessages(span)?.some(({ role }) => role === 'assistant') ?? false

/** What a user said last to a model. */
export const userMessageOf = (span: Span): string | null => {
  const messages = readInputMessages(span)
  return messages === null ? plainText(firstOf(span.attributes, KEYS.input)) : lastAsked(messages)
}

/** The words of users that follow one another and come last. */
const lastAsked = (messages: readonly Message[]): string | null => {
  const isAsking = (message: Message | undefined): boolean =>
    message?.role === 'user' && textsOf(message).length > 0
  const last = messages.findLastIndex(isAsking)
  if (last === -1) return null
  let first = last
  while (messages[first - 1]?.role === 'user') first--
  return messages
    .slice(first, last + 1)
    .flatMap(textsOf)
    .join('\n')
}

const ASKING = new Set(['system', 'developer', 'user', 'tool', 'function'])

/** The answer: the last message of the agent that holds words, else its output as it is. */
export const answerOf = (span: Span): string | null => {
  const messages = readOutputMessages(span)
  if (messages === null) return plainText(firstOf(span.attributes, KEYS.output))
  const own = messages.filter(({ role }) => !ASKING.has(role))
  const said = own.findLast((message) => textsOf(message).length > 0)
  if (said !== undefined) return textsOf(said).join('\n')
  // An agent that lists the whole conversation and failed before it answered has said nothing.
  return own.length === 0 ? null : JSON.stringify(messages)
}

const textsOf = ({ parts }: Message): readonly string[] =>
  parts.flatMap((part) => (part.type === 'text' ? [part.content] : []))
