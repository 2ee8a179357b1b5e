import { isObject, type JsonObject, jsonOf, textOf } from './attributes.ts'
import { contentParts, type MessagePart, openAiParts, partOf, textParts } from './message-parts.ts'

/** Every dialect's message in the form of the current GenAI conventions. */
export interface Message {
  readonly role: string
  readonly name?: string
  readonly parts: readonly MessagePart[]
}

/** Under these an object holds a list of messages: requests and answers of chat APIs, of Gemini, of OpenAI's Responses. */
const LISTS = ['messages', 'input_messages', 'contents', 'choices', 'input', 'output'] as const

/**
 * The messages in a value: a list, an object that holds one, or a single message. null where the value is something else.
 */
export const messagesOf = (value: unknown, defaultRole: string): readonly Message[] | null => {
  if (typeof value === 'string') return messagesOfText(value, defaultRole)
  if (Array.isArray(value)) return messagesOfList(value, defaultRole)
  if (!isObject(value)) return null
  for (const key of LISTS) {
    const list = value[key]
    const messages = Array.isArray(list) ? messagesOfList(list, defaultRole) : null
    if (messages !== null) return [...systemOf(value), ...messages]
  }
  // The AI SDK's call without a conversation.
  if (typeof value['prompt'] === 'string')
    return filled([...systemOf(value), { role: 'user', parts: textParts(value['prompt']) }])
  return isMessageLike(value) ? filled([messageOf(value, defaultRole)]) : null
}

const messagesOfText = (text: string, defaultRole: string): readonly Message[] | null => {
  const value = jsonOf(text)
  return typeof value === 'object' && value !== null ? messagesOf(value, defaultRole) : null
}

const messagesOfList = (
  list: readonly unknown[],
  defaultRole: string,
): readonly Message[] | null => {
  // LangChain's batches are lists of conversations. No deeper: a text of others may be a hundred thousand brackets.
  const [first] = list
  const messages: readonly unknown[] = Array.isArray(first) ? first : list
  return messages.some(isMessageLike)
    ? filled(messages.map((one) => messageOf(one, defaultRole)))
    : null
}

/** What stands beside the messages: the AI SDK's `system`, Anthropic's too, `instructions` of Responses, Gemini's config. */
const systemOf = (value: JsonObject): readonly Message[] => {
  const { config } = value
  const system =
    value['system'] ??
    value['instructions'] ??
    (isObject(config) ? (config['system_instruction'] ?? config['systemInstruction']) : undefined)
  const parts = isObject(system) ? system['parts'] : system
  const message = { role: 'system', parts: contentParts(parts) }
  return message.parts.length === 0 ? [] : [message]
}

/** System instructions: plain text, a list of parts, or JSON text of one. */
export const systemMessage = (value: string): Message => {
  const json = jsonOf(value)
  const parts = Array.isArray(json) ? json.map(partOf) : [{ type: 'text', content: value } as const]
  return { role: 'system', parts }
}

const CONTENT_KEYS = ['content', 'parts', 'tool_calls', 'toolCalls', 'contents', 'function_call']
const ITEM_ROLES: Readonly<Record<string, string>> = {
  function_call: 'assistant',
  function_call_output: 'tool',
}

const isMessageLike = (value: unknown): boolean =>
  isObject(value) &&
  ((roleOf(value) !== null && CONTENT_KEYS.some((key) => key in value)) ||
    isObject(value['message']) ||
    (isObject(value['kwargs']) && roleOf(value) !== null) ||
    Array.isArray(value['tool_calls']) ||
    (isObject(value['content']) && Array.isArray(value['content']['parts'])) ||
    Object.hasOwn(ITEM_ROLES, String(value['type'])))

/** Messages that say nothing are left out: with content capture off, events come without content. */
export const filled = (messages: readonly Message[]): readonly Message[] | null => {
  const kept = messages.filter(({ parts }) => parts.length > 0)
  return kept.length === 0 ? null : kept
}

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  bot: 'assistant',
}
/** A message says its role by `role`; LangChain's by `type` or by the class that it is made of. */
const roleOf = (value: JsonObject): string | null => {
  const { id, type, role } = value
  const named =
    typeof role === 'string'
      ? role
      : Array.isArray(id)
        ? /^(\w+?)Message(Chunk)?$/.exec(String(id.at(-1)))?.[1]
        : /^(human|ai|system|tool)$/i.exec(String(type))?.[1]
  if (named === undefined || named === '') return null
  const lower = named.toLowerCase()
  return ROLES[lower] ?? lower
}

/** One message of any dialect: GenAI parts, OpenAI's content and tool calls, or wrapped in another key. */
export const messageOf = (value: unknown, defaultRole: string): Message => {
  if (!isObject(value)) return { role: defaultRole, parts: textParts(value) }
  if (isObject(value['message'])) return messageOf(value['message'], defaultRole)
  const named = roleOf(value)
  const role = named ?? defaultRole
  const inner = value['kwargs'] ?? value['data']
  if (named !== null && isObject(inner) && !('content' in value)) return messageOf(inner, named)
  const item = ITEM_ROLES[String(value['type'])]
  if (item !== undefined) return { role: item, parts: [partOf(value)] }
  const { content } = value
  if (isObject(content) && Array.isArray(content['parts'])) return messageOf(content, role)
  const name = textOf(value['name'])
  const parts = Array.isArray(value['parts'])
    ? value['parts'].map(partOf)
    : openAiParts(value, role)
  const saying = parts.filter((part) => part.type !== 'text' || part.content !== '')
  return { role, ...(name === null ? {} : { name }), parts: saying }
}
