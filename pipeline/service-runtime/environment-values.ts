import { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>
export type Values = Readonly<Record<string, unknown>>

/** A variable of the schema (`.meta({ env })`) and the field that it sets. */
export interface EnvironmentField {
  readonly env: string
  readonly path: readonly string[]
  readonly read: (text: string) => unknown
}

/** Every field of a strict object schema that has an environment variable, found by walking the schema. */
export const environmentFields = (
  schema: z.ZodType,
  path: readonly string[] = [],
): readonly EnvironmentField[] => {
  const env = schema.meta()?.['env']
  const inner = unwrapped(schema)
  if (typeof env === 'string') return [{ env, path, read: readerOf(inner) }]
  if (!(inner instanceof z.ZodObject)) return []
  const shape: Readonly<Record<string, z.ZodType>> = inner.shape
  return Object.entries(shape).flatMap(([key, field]) => environmentFields(field, [...path, key]))
}

/** The set variables as a nested object. An empty variable counts as unset. */
export const environmentValues = (
  fields: readonly EnvironmentField[],
  environment: Environment,
): Values =>
  fields.reduce<Values>((values, { env, path, read }) => {
    const text = environment[env] ?? ''
    return text === '' ? values : mergeValues(values, nested(path, read(text)))
  }, {})

/**
 * Objects are merged member by member; anything else of `over` replaces what `under` has. A section of another driver
 * replaces the whole section: the settings of the one mean nothing to the other.
 */
export const mergeValues = (under: Values, over: Values): Values => {
  const given = Object.entries(over).filter(([, value]) => value !== undefined)
  const merged = given.map(([key, value]) => {
    const below = under[key]
    return [
      key,
      isValues(below) && isValues(value) && sameDriver(below, value)
        ? mergeValues(below, value)
        : value,
    ]
  })
  return { ...under, ...Object.fromEntries(merged) }
}

const sameDriver = (under: Values, over: Values): boolean =>
  over['driver'] === undefined ||
  under['driver'] === undefined ||
  over['driver'] === under['driver']

export const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const nested = (path: readonly string[], value: unknown): Values => {
  const [key = '', ...rest] = path
  return { [key]: rest.length === 0 ? value : nested(rest, value) }
}

const unwrapped = (schema: z.ZodType): z.ZodType => {
  let inner: unknown = schema
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable
  )
    inner = inner.unwrap()
  return inner as z.ZodType
}

/** What is no number or truth value stays a text, so that the schema names it as the wrong type. */
const readerOf = (schema: z.ZodType): ((text: string) => unknown) => {
  if (schema instanceof z.ZodNumber)
    return (text) => (Number.isNaN(Number(text)) || text.trim() === '' ? text : Number(text))
  if (schema instanceof z.ZodBoolean)
    return (text) => (text === 'true' ? true : text === 'false' ? false : text)
  return (text) => text
}
