/** A JSON Schema as it was declared in a trace: text of others, of any shape. */
export type JsonSchema = Readonly<Record<string, unknown>>

const DEEPEST = 20
const MOST_CHECKS = 5000

/**
 * The first place where a value breaks a schema, as a JSON pointer, or null. Of the schema language it reads type, enum,
 * const, required, properties, additionalProperties false, items, minItems, maxItems, minimum, maximum, minLength and
 * maxLength; anything else says nothing. A schema comes from a trace: no pattern of it is run, no reference followed, no
 * code made of it, and after 5000 checks or 20 levels the rest counts as kept.
 */
export const violationOf = (value: unknown, schema: JsonSchema): string | null => {
  let left = MOST_CHECKS
  const check = (part: unknown, rule: unknown, at: string, depth: number): string | null => {
    if (!isRecord(rule) || depth > DEEPEST || left-- <= 0) return null
    if (!fits(part, rule)) return at === '' ? '/' : at
    if (Array.isArray(part))
      return first(part, (item, place) =>
        check(item, own(rule, 'items'), `${at}/${place}`, depth + 1),
      )
    if (!isRecord(part)) return null
    const properties = own(rule, 'properties')
    const known = isRecord(properties) ? properties : {}
    return first(Object.entries(part), ([key, item]) =>
      Object.hasOwn(known, key)
        ? check(item, known[key], `${at}/${pointer(key)}`, depth + 1)
        : own(rule, 'additionalProperties') === false
          ? `${at}/${pointer(key)}`
          : null,
    )
  }
  return check(value, schema, '', 0)
}

const isRecord = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const own = (rule: JsonSchema, key: string): unknown =>
  Object.hasOwn(rule, key) ? rule[key] : undefined

const first = <Item>(
  items: readonly Item[],
  find: (item: Item, place: number) => string | null,
): string | null => {
  for (const [place, item] of items.slice(0, MOST_CHECKS).entries()) {
    const found = find(item, place)
    if (found !== null) return found
  }
  return null
}

// Names of a trace stand in explanations, which people read.
const pointer = (key: string): string => key.replace(/[^\w.-]/g, '_').slice(0, 60)

const fits = (value: unknown, rule: JsonSchema): boolean =>
  hasType(value, own(rule, 'type')) &&
  isOneOf(value, rule) &&
  hasRequired(value, own(rule, 'required')) &&
  isWithin(sizeOf(value), own(rule, sizeRule(value, 'min')), own(rule, sizeRule(value, 'max')))

const hasType = (value: unknown, type: unknown): boolean => {
  if (typeof type === 'string') return IS_TYPE[type]?.(value) ?? true
  if (!Array.isArray(type)) return true
  const known = type.filter((one) => typeof one === 'string' && Object.hasOwn(IS_TYPE, one))
  return known.length < type.length || known.some((one) => IS_TYPE[one]?.(value))
}

const IS_TYPE: Readonly<Record<string, (value: unknown) => boolean>> = Object.assign(
  Object.create(null) as Record<string, (value: unknown) => boolean>,
  {
    object: isRecord,
    array: Array.isArray,
    string: (value: unknown) => typeof value === 'string',
    number: (value: unknown) => typeof value === 'number',
    integer: (value: unknown) => Number.isInteger(value),
    boolean: (value: unknown) => typeof value === 'boolean',
    null: (value: unknown) => value === null,
  },
)

const isOneOf = (value: unknown, rule: JsonSchema): boolean => {
  const allowed = Object.hasOwn(rule, 'const') ? [rule['const']] : own(rule, 'enum')
  // Of structures nothing is said: only plain values are compared.
  if (!Array.isArray(allowed) || allowed.some((one) => typeof one === 'object' && one !== null))
    return true
  return allowed.includes(value)
}

const hasRequired = (value: unknown, required: unknown): boolean =>
  !Array.isArray(required) ||
  !isRecord(value) ||
  required.every((key) => typeof key !== 'string' || Object.hasOwn(value, key))

const sizeOf = (value: unknown): number | null => {
  if (typeof value === 'number') return value
  return typeof value === 'string' || Array.isArray(value) ? value.length : null
}

const sizeRule = (value: unknown, end: 'min' | 'max'): string => {
  if (typeof value === 'number') return `${end}imum`
  return Array.isArray(value) ? `${end}Items` : `${end}Length`
}

const isWithin = (size: number | null, least: unknown, most: unknown): boolean =>
  size === null ||
  ((typeof least !== 'number' || size >= least) && (typeof most !== 'number' || size <= most))
