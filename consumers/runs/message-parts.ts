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

export const textParts = (value: unknown): readonly MessagePart[] => {
  const text = textOf(value)
  return text === null || text === '' ? [] : [{ type: 'text', content: text }]
}

/** A part of any dialect: GenAI, OpenAI, Anthropic, the AI SDK, OpenInference, Gemini, Genkit. */
export const partOf = (value: unknown): MessagePart => {
  if (typeof value === 'string') return { type: 'text', content: value }
  if (!isObject(value)) return { type: 'other', content: value }
  if (isObject(value['message_content'])) return partOf(value['message_content'])
  return typedPart(value) ?? untypedPart(value) ?? { type: 'other', content: value }
}

const typedPart = (value: JsonObject): MessagePart | null => {
  switch (value['type']) {
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
    case 'function_call':
    case 'server_tool_call':
      return toolCallOf(value)
    case 'tool_call_response':
    case 'tool-result':
    case 'tool_result':
    case 'function_call_output':
    case 'server_tool_call_response':
      return toolResponseOf(value)
    default:
      return null
  }
}

/** Gemini and Genkit name a part by the key that it has. */
const untypedPart = (value: JsonObject): MessagePart | null => {
  const call = value['function_call'] ?? value['functionCall'] ?? value['toolRequest']
  if (isObject(call)) return toolCallOf(call)
  const response = value['function_response'] ?? value['functionResponse'] ?? value['toolResponse']
  if (isObject(response)) return toolResponseOf(response)
  if (value['type'] !== undefined || typeof value['text'] !== 'string') return null
  return { type: value['thought'] === true ? 'reasoning' : 'text', content: value['text'] }
}

const ID_KEYS = ['id', 'call_id', 'toolCallId', 'tool_use_id', 'tool_call_id', 'ref'] as const
/** OpenAI's Responses have a `call_id` beside an id of the item. */
const idOf = (value: JsonObject): string | null =>
  textOf(value['call_id'] ?? ID_KEYS.map((key) => value[key]).find((id) => id !== undefined))

const toolResponseOf = (value: JsonObject): MessagePart => ({
  type: 'tool_call_response',
  id: idOf(value),
  response: wrappedValue(
    value['response'] ?? value['result'] ?? value['output'] ?? value['content'] ?? null,
  ),
})

/** The AI SDK wraps a result as `{type: 'text' | 'json' | 'error-text' | …, value}`. */
const wrappedValue = (value: unknown): unknown =>
  isObject(value) && typeof value['type'] === 'string' && value['value'] !== undefined
    ? value['value']
    : flatText(value)

/** A tool's content: the text of it, whether it came as text or as a list of text parts. */
export const flatText = (content: unknown): unknown => {
  if (!Array.isArray(content) || content.length === 0) return content
  const parts = content.map(partOf)
  return parts.every((part) => part.type === 'text')
    ? parts.map(({ content: text }) => text).join('\n')
    : content
}

export const toolCallOf = (value: unknown): MessagePart => {
  const outer = isObject(value) ? value : {}
  const call = isObject(outer['tool_call']) ? outer['tool_call'] : outer
  const called = isObject(call['function']) ? call['function'] : call
  const given = called['arguments'] ?? called['args'] ?? called['input'] ?? null
  return {
    type: 'tool_call',
    id: idOf(call),
    name: textOf(called['name'] ?? called['toolName']) ?? '',
    // JSON text and structures are one form, so that equal calls look equal in every dialect.
    arguments: typeof given === 'string' ? (jsonOf(given) ?? given) : given,
  }
}

export const contentParts = (content: unknown): readonly MessagePart[] =>
  Array.isArray(content) ? content.map(partOf) : textParts(content)

/** OpenAI's keys of one message: content, tool calls, the answer of a tool. */
export const openAiParts = (value: JsonObject, role: string): readonly MessagePart[] => {
  const content = value['content'] ?? listOf(value['contents'])
  if (role === 'tool' || role === 'function') return toolParts(value, content)
  const called = value['function_call']
  const calls = listOf(value['tool_calls'] ?? value['toolCalls'])
  return [
    ...contentParts(content),
    ...(isObject(called) ? [called] : []).map(toolCallOf),
    ...calls.map(toolCallOf),
  ]
}

const toolParts = (value: JsonObject, content: unknown): readonly MessagePart[] => {
  if (content === null) return []
  const parts = Array.isArray(content) ? content.map(partOf) : []
  if (parts.length > 0 && parts.every(({ type }) => type === 'tool_call_response')) return parts
  const id = textOf(value['tool_call_id'] ?? value['id'])
  return [{ type: 'tool_call_response', id, response: flatText(content) }]
}
