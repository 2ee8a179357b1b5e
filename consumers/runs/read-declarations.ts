import type { JsonSchema } from '../evaluators/check-schema.ts'
import type { RunFacts } from '../evaluators/run-facts.ts'
import { firstOf, isObject, jsonOf, textOf, unflatten } from './attributes.ts'
import { KEYS } from './dialect-keys.ts'
import { readOutputMessages } from './read-messages.ts'
import type { Span } from './read-spans.ts'
import type { SpanNode } from './span-tree.ts'

/** Of one run so many tools are looked at. */
const MOST_TOOLS = 200
const ANY: JsonSchema = {}

/** The parameters that an agent declares for its tools, by name; the last declaration counts. */
export const readToolSchemas = (nodes: readonly SpanNode[]): ReadonlyMap<string, JsonSchema> => {
  const schemas = new Map<string, JsonSchema>()
  let last = ''
  for (const { span } of nodes) {
    // Every call of a model repeats what all of them declare.
    const listed = firstOf(span.attributes, LISTS) ?? ''
    const definitions = [...(listed === last ? [] : listedIn(listed)), ...flattenedIn(span)]
    if (listed !== '') last = listed
    for (const [name, schema] of definitions.flatMap(namedSchema))
      if (schemas.size < MOST_TOOLS || schemas.has(name)) schemas.set(name, schema)
  }
  return schemas
}

/** The current conventions and the AI SDK list tools as JSON, the latter each as a text of its own. */
const LISTS = ['gen_ai.tool.definitions', 'ai.prompt.tools']

const listedIn = (text: string): readonly unknown[] => {
  const listed = jsonOf(text)
  return Array.isArray(listed)
    ? listed.map((one) => (typeof one === 'string' ? jsonOf(one) : one))
    : []
}

/** OpenInference flattens them into keys. */
const flattenedIn = ({ attributes }: Span): readonly unknown[] =>
  unflatten(attributes, 'llm.tools.').map(({ tool }) =>
    isObject(tool) ? jsonOf(textOf(tool['json_schema'])) : undefined,
  )

const namedSchema = (definition: unknown): readonly (readonly [string, JsonSchema])[] => {
  if (!isObject(definition)) return []
  const said = isObject(definition['function']) ? definition['function'] : definition
  const { name } = said
  const schema = ['parameters', 'inputSchema', 'input_schema']
    .map((key) => said[key])
    .find(isObject)
  return typeof name === 'string' && schema !== undefined ? [[name, schema]] : []
}

/** The last answer of a model in words, where the call asked for JSON. */
export const readStructured = (call: SpanNode | undefined): RunFacts['structured'] => {
  if (call === undefined) return null
  const { attributes } = call.span
  const schema = jsonOf(attributes['ai.schema'])
  const asksForJson = attributes['gen_ai.output.type'] === 'json' || isObject(schema)
  const text = asksForJson ? wordsOf(call.span) : null
  return text === null ? null : { text, schema: isObject(schema) ? schema : ANY }
}

const wordsOf = (span: Span): string | null => {
  const messages = readOutputMessages(span)
  if (messages === null) return firstOf(span.attributes, KEYS.output)
  const words = (messages.at(-1)?.parts ?? []).flatMap((part) =>
    part.type === 'text' ? [part.content] : [],
  )
  return words.length === 0 ? null : words.join('\n')
}
