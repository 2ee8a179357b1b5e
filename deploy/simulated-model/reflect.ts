import type { World } from './world.ts'

export interface ReflectionRequest {
  readonly schemaName: string
  readonly schema: unknown
  /** All messages of the request. */
  readonly text: string
}

type JsonSchema = Readonly<Record<string, unknown>>

/** The answer to a request for JSON: what the world says, completed so that it follows the asked schema. */
export const reflect = (world: World, request: ReflectionRequest): unknown => {
  const found = world.reflections.find(
    ({ schema, when, unless }) =>
      schema === request.schemaName &&
      (when === undefined || new RegExp(when, 'i').test(request.text)) &&
      (unless === undefined || !new RegExp(unless, 'i').test(request.text)),
  )
  return complete(found?.answer, asSchema(request.schema))
}

const asSchema = (schema: unknown): JsonSchema =>
  schema !== null && typeof schema === 'object' ? (schema as JsonSchema) : {}

/** Keeps what is given and adds the least value for every required member that is not. */
const complete = (given: unknown, schema: JsonSchema): unknown => {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  if (type === 'object') return completeObject(given, schema)
  if (type === 'array')
    return (Array.isArray(given) ? given : []).map((item) =>
      complete(item, asSchema(schema['items'])),
    )
  return given ?? leastValue(type, schema)
}

const completeObject = (given: unknown, schema: JsonSchema): Record<string, unknown> => {
  const source = asSchema(given)
  const properties = asSchema(schema['properties'])
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  const names = Object.keys(properties).filter((name) => name in source || required.includes(name))
  return Object.fromEntries(
    names.map((name) => [name, complete(source[name], asSchema(properties[name]))]),
  )
}

const leastValue = (type: unknown, schema: JsonSchema): unknown => {
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'].at(-1)
  if (type === 'string') return ''
  if (type === 'number' || type === 'integer') return schema['minimum'] ?? 0
  if (type === 'boolean') return false
  return null
}
