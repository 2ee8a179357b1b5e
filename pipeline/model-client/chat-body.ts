import type { ChatMessage, ChatRequest } from './model-client.ts'

/** A chat completion as `POST /chat/completions` takes it. */
export interface ChatBody {
  readonly model: string
  readonly messages: ChatMessage[]
  readonly response_format?: {
    readonly type: 'json_schema'
    readonly json_schema: {
      readonly name: string
      readonly schema: Record<string, unknown>
      readonly strict: true
    }
  }
  readonly temperature?: number
  readonly seed?: number
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
}

/** Parts of a request that some endpoints refuse; what they stand for can be said in another way or left out. */
const OPTIONAL = ['response_format', 'temperature', 'seed', 'max_tokens'] as const
type OptionalField = (typeof OPTIONAL)[number]

/**
 * The request without what is to be avoided. A schema that the endpoint does not take becomes part of the instructions;
 * the limit of tokens has a newer name; temperature and seed are left to the endpoint.
 */
export const chatBody = (
  model: string,
  { messages, schema, temperature, seed, maxTokens }: ChatRequest,
  avoided: ReadonlySet<string>,
): ChatBody => {
  const plain = schema !== undefined && avoided.has(avoidanceOf('response_format', schema.name))
  return {
    model,
    messages: plain ? withSchemaInWords(messages, schema.schema) : [...messages],
    ...(schema === undefined || plain
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: schema.name, schema: { ...schema.schema }, strict: true },
          },
        }),
    ...(temperature === undefined || avoided.has('temperature') ? {} : { temperature }),
    ...(seed === undefined || avoided.has('seed') ? {} : { seed }),
    ...limitOf(maxTokens, avoided.has('max_tokens')),
  }
}

/**
 * What to leave out after the endpoint refused a body: the field that it names, else the schema, the part that fewest
 * endpoints know. null: nothing is left to leave out.
 */
export const avoidNext = (body: ChatBody, param: string | null): string | null => {
  const present = OPTIONAL.filter((field) => field in body)
  const named = present.find((field) => param?.startsWith(field) === true)
  const field = named ?? present.find((other) => other === 'response_format')
  return field === undefined ? null : avoidanceOf(field, body.response_format?.json_schema.name)
}

/** One schema may use a keyword that the endpoint lacks; another may not. */
const avoidanceOf = (field: OptionalField, schemaName: string | undefined): string =>
  field === 'response_format' ? `response_format:${schemaName}` : field

const limitOf = (
  maxTokens: number | undefined,
  newerName: boolean,
): Pick<ChatBody, 'max_tokens' | 'max_completion_tokens'> => {
  if (maxTokens === undefined) return {}
  return newerName ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }
}

/** Into the first system message: many chat templates take one only, and only at the beginning. */
const withSchemaInWords = (
  messages: readonly ChatMessage[],
  schema: Readonly<Record<string, unknown>>,
): ChatMessage[] => {
  const words = `Answer with one JSON value and nothing else. It must follow this JSON Schema:\n${JSON.stringify(schema)}`
  const [first, ...rest] = messages
  return first?.role === 'system'
    ? [{ role: 'system', content: `${first.content}\n\n${words}` }, ...rest]
    : [{ role: 'system', content: words }, ...messages]
}
