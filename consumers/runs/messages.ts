import { isObject, type JsonObject, jsonOf, listOf, textOf } from './attributes.ts'

/** A part of a message as the GenAI conventions write it; parts of other types are kept as they came. */
export type MessagePart =
  | { readonly type: 'text'; readonly content: string }
  | { readonly type: 'reasoning'; readonly content: string }
  | {
      readonly type: 'tool_call'
      readonly id: string | null
      readonly name: string
      readonly arguments: unknown
    }
  | { readonly type: 'tool_call_response'; readonly id: string | null; readonly response: unknown }
  | { readonly type: 'other'; readonly content: unknown }

/** Every dialect's message in the form of the current GenAI conventions. */
export interface Message {
  readonly role: string
  readonly name?: string
  readonly parts: readonly MessagePart[]
}

/**
 * The messages in a value: a list, or an object that holds one under `messages`, `input`, `contents` or `choices`, or
 * a single message. null where the value is something else.
 */
export const messagesOf = (value: unknown, defaultRole: string): readonly Message[] | null => {
  if (typeof value === 'string') return messagesOfText(value, defaultRole)
  if (Array.isArray(value)) {
    if (!value.some(isMessageLike)) return null
    return filled(value.map((entry) => messageOf(entry, defaultRole)))
  }
  if (!isObject(value)) return null
  for (const key of ['messages', 'input_messages', 'contents', 'choices'])
    if (Array.isArray(value[key])) return messagesOf(value[key], defaultRole)
  // The AI SDK's call without a conversation.
  if (typeof value['prompt'] === 'string')
    return filled([
      { role: 'system', parts: textParts(value['system']) },
      { role: 'user', parts: textParts(value['prompt']) },
    ])
  return isMessageLike(value) ? filled([messageOf(value, defaultRole)]) : null
}

const messagesOfText = (text: string, defaultRole: string): readonly Message[] | null => {
  const value = jsonOf(text)
  return typeof value === 'object' && value !== null ? messagesOf(value, defaultRole) : null
}

/** System instructions: plain text, a list of parts, or JSON text of one. */
export const systemMessage = (value: string): Message => {
  const json = jsonOf(value)
  const parts = Array.isArray(json) ? json.map(partOf) : [{ type: 'text', content: value } as const]
  return { role: 'system', parts }
}

const isMessageLike = (value: unknown): boolean =>
  isObject(value) &&
  ((typeof value['role'] === 'string' &&
    ['content', 'parts', 'tool_calls', 'toolCalls', 'contents'].some((key) => key in value)) ||
    isObject(value['message']))

/** Messages that say nothing are left out: with content capture off, events come without content. */
export const filled = (messages: readonly Message[]): readonly Message[] | null => {
  const kept = messages.filter(({ parts }) => parts.length > 0)
  return kept.length === 0 ? null : kept
}

/** One message of any dialect: GenAI parts, OpenAI's content and tool calls, or OpenInference's wrapped keys. */
export const messageOf = (value: unknown, defaultRole: string): Message => {
  if (!isObject(value)) return { role: defaultRole, parts: textParts(value) }
  if (isObject(value['message'])) return messageOf(value['message'], defaultRole)
  const role = textOf(value['role']) ?? defaultRole
  const name = textOf(value['name'])
  const parts = Array.isArray(value['parts'])
    ? value['parts'].map(partOf)
    : openAiParts(value, role)
  return { role, ...(name === null ? {} : { name }), parts }
}

const openAiParts = (value: JsonObject, role: string): readonly MessagePart[] => {
  const content = value['content'] ?? listOf(value['contents'])
  const calls = listOf(value['tool_calls'] ?? value['toolCalls'])
  const called = value['function_call']
  const id = textOf(value['tool_call_id']) ?? (role === 'tool' ? textOf(value['id']) : null)
  if (role === 'tool' || role === 'function')
    return content === null ? [] : [{ type: 'tool_call_response', id, response: flatText(content) }]
  return [
    ...contentParts(content),
    ...(isObject(called) ? [called] : []).map(toolCallOf),
    ...calls.map(toolCallOf),
  ]
}

const contentParts = (content: unknown): readonly MessagePart[] =>
  Array.isArray(content) ? content.map(partOf) : textParts(content)

/** A tool's content: the text of it, whether it came as text or as a list of text parts. */
const flatText = (content: unknown): unknown => {
  if (!Array.isArray(content)) return content
  const parts = content.map(partOf)
  return parts.every((part) => part.type === 'text')
    ? parts.map(({ content: text }) => text).join('\n')
    : content
}

const textParts = (value: unknown): readonly MessagePart[] => {
  const text = textOf(value)
  return text === null || text === '' ? [] : [{ type: 'text', content: text }]
}

const partOf = (value: unknown): MessagePart => {
  if (typeof value === 'string') return { type: 'text', content: value }
  if (!isObject(value)) return { type: 'other', content: value }
  if (isObject(value['message_content'])) return partOf(value['message_content'])
  const type = textOf(value['type']) ?? (value['text'] === undefined ? '' : 'text')
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return { type: 'text', content: textOf(value['content'] ?? value['text']) ?? '' }
    case 'reasoning':
    case 'thinking':
      return {
        type: 'reasoning',
        content: textOf(value['content'] ?? value['text'] ?? value['thinking']) ?? '',
      }
    case 'tool_call':
    case 'tool-call':
    case 'tool_use':
    case 'function':
      return toolCallOf(value)
    case 'tool_call_response':
    case 'tool-result':
    case 'tool_result':
      return toolResponseOf(value)
    default:
      return { type: 'other', content: value }
  }
}

const toolResponseOf = (value: JsonObject): MessagePart => ({
  type: 'tool_call_response',
  id: textOf(value['id'] ?? value['toolCallId'] ?? value['tool_use_id']),
  response: value['response'] ?? value['result'] ?? value['output'] ?? value['content'] ?? null,
})

const toolCallOf = (value: unknown): MessagePart => {
  const outer = isObject(value) ? value : {}
  const call = isObject(outer['tool_call']) ? outer['tool_call'] : outer
  const called = isObject(call['function']) ? call['function'] : call
  const given = called['arguments'] ?? called['args'] ?? called['input'] ?? null
  return {
    type: 'tool_call',
    id: textOf(call['id'] ?? call['toolCallId']),
    name: textOf(called['name'] ?? called['toolName']) ?? '',
    // JSON text and structures are one form, so that equal calls look equal in every dialect.
    arguments: typeof given === 'string' ? (jsonOf(given) ?? given) : given,
  }
}
