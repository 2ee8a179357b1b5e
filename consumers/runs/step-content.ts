import { firstOf } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import type { Message } from './messages.ts'
import { readInputMessages, readOutputMessages } from './read-messages.ts'
import type { Span } from './read-spans.ts'
import type { SpanNode } from './span-tree.ts'

/** What went into a step and what came out, as text or as JSON text of messages; null where nothing was recorded. */
export const stepContent = ({
  span,
  kind,
}: SpanNode): { readonly input: string | null; readonly output: string | null } =>
  kind === 'tool'
    ? {
        input: firstOf(span.attributes, KEYS.toolInput),
        output: firstOf(span.attributes, KEYS.toolOutput),
      }
    : {
        input: contentOf(readInputMessages(span), firstOf(span.attributes, KEYS.input)),
        output: contentOf(readOutputMessages(span), firstOf(span.attributes, KEYS.output)),
      }

const contentOf = (messages: readonly Message[] | null, text: string | null): string | null =>
  messages === null ? text : JSON.stringify(messages)

/** The task: what users said to the agent, else its input as it is. */
export const taskOf = (span: Span): string | null => {
  const messages = readInputMessages(span)
  if (messages === null) return firstOf(span.attributes, KEYS.input)
  const words = messages.filter(({ role }) => role === 'user').flatMap(textsOf)
  return words.length > 0 ? words.join('\n') : JSON.stringify(messages)
}

/** The first thing that a user said to a model. */
export const firstUserMessage = (span: Span): string | null => {
  const messages = readInputMessages(span)
  if (messages === null) return firstOf(span.attributes, KEYS.input)
  const said = messages.find((message) => message.role === 'user' && textsOf(message).length > 0)
  return said === undefined ? null : textsOf(said).join('\n')
}

const ASKING = new Set(['system', 'developer', 'user', 'tool', 'function'])

/** The answer: the last message of the agent that holds words, else its output as it is. */
export const answerOf = (span: Span): string | null => {
  const messages = readOutputMessages(span)
  if (messages === null) return firstOf(span.attributes, KEYS.output)
  const said = messages.findLast(
    (message) => !ASKING.has(message.role) && textsOf(message).length > 0,
  )
  return said === undefined ? JSON.stringify(messages) : textsOf(said).join('\n')
}

const textsOf = ({ parts }: Message): readonly string[] =>
  parts.flatMap((part) => (part.type === 'text' ? [part.content] : []))
