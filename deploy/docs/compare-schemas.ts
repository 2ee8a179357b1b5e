type Schema = { readonly [key: string]: unknown }

/**
 * What a later schema breaks of an earlier one, as sentences; empty where the change is additive. Additive is: optional
 * members, members of an enumeration, alternatives of a union, wider bounds. Records of topics are kept for years and
 * subscribers are other people's programs, so that neither what was written nor what was read may stop to fit.
 */
export const schemaProblems = (before: unknown, after: unknown, path = ''): readonly string[] => {
  if (!isSchema(before) || !isSchema(after)) return []
  return [
    ...typeProblems(before, after, path),
    ...enumProblems(before, after, path),
    ...LIMITS.flatMap((limit) => limitProblems(limit, before, after, path)),
    ...memberProblems(before, after, path),
    ...unionProblems(before, after, path),
    ...schemaProblems(before['items'], after['items'], `${path}[]`),
    ...tupleProblems(before, after, path),
    ...schemaProblems(before['additionalProperties'], after['additionalProperties'], `${path}.*`),
  ]
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const at = (path: string): string => (path === '' ? 'the value' : path.replace(/^\./, ''))

/** `type` may be one or a list; without one every type is let be. */
const typesOf = (schema: Schema): readonly unknown[] =>
  typeof schema['type'] === 'string' ? [schema['type']] : listOf(schema['type'])

const typeProblems = (before: Schema, after: Schema, path: string): readonly string[] => {
  const [was, is] = [typesOf(before), typesOf(after)]
  const equal = was.length === is.length && was.every((type) => is.includes(type))
  if (equal) return []
  return [`${at(path)}: the type was ${was.join(' or ') || 'any'}, is ${is.join(' or ') || 'any'}`]
}

const enumProblems = (before: Schema, after: Schema, path: string): readonly string[] => {
  if (!same(before['const'], after['const'])) return [`${at(path)}: the constant changed`]
  const is = listOf(after['enum'])
  const gone = listOf(before['enum']).filter((value) => !is.includes(value))
  if (gone.length > 0) return [`${at(path)}: ${gone.join(', ')} is no longer a value`]
  return before['enum'] === undefined && after['enum'] !== undefined
    ? [`${at(path)}: only some values are let be now`]
    : []
}

/** Keyword, and whether a larger value of it lets fewer values be. */
const LIMITS = [
  ['minimum', true],
  ['exclusiveMinimum', true],
  ['minLength', true],
  ['minItems', true],
  ['maximum', false],
  ['exclusiveMaximum', false],
  ['maxLength', false],
  ['maxItems', false],
] as const

const limitProblems = (
  [keyword, lower]: (typeof LIMITS)[number],
  before: Schema,
  after: Schema,
  path: string,
): readonly string[] => {
  const [was, is] = [before[keyword], after[keyword]]
  if (typeof is !== 'number' || was === is) return []
  const narrower = typeof was !== 'number' || (lower ? is > was : is < was)
  return narrower ? [`${at(path)}: ${keyword} was ${was ?? 'none'}, is ${is}`] : []
}

/** Whether members that are not named must follow something. */
const isClosed = (schema: Schema): boolean => {
  const rest = schema['additionalProperties'] ?? true
  return rest !== true && !same(rest, {})
}

const memberProblems = (before: Schema, after: Schema, path: string): readonly string[] => {
  const [were, are] = [before['properties'], after['properties']]
  const [needed, needs] = [listOf(before['required']), listOf(after['required'])]
  const closed =
    !isClosed(before) && isClosed(after) ? [`${at(path)}: unknown members are restricted now`] : []
  const patterned =
    after['pattern'] !== undefined && before['pattern'] !== after['pattern']
      ? [`${at(path)}: the pattern changed`]
      : []
  const own = [...closed, ...patterned]
  if (!isSchema(were)) return own
  const members: Schema = isSchema(are) ? are : {}
  return [
    ...own,
    ...Object.keys(were).flatMap((key) =>
      key in members
        ? schemaProblems(were[key], members[key], `${path}.${key}`)
        : [`${at(`${path}.${key}`)}: the field is gone`],
    ),
    ...needs
      .filter((key) => !needed.includes(key))
      .map((key) => `${at(`${path}.${key}`)}: the field is required now`),
    ...needed
      .filter((key) => !needs.includes(key) && String(key) in members)
      .map((key) => `${at(`${path}.${key}`)}: the field may be absent now`),
  ]
}

/** Alternatives are matched by their discriminator (a constant member), else by their place. */
const unionProblems = (before: Schema, after: Schema, path: string): readonly string[] =>
  (['anyOf', 'oneOf'] as const).flatMap((keyword) => {
    const is = listOf(after[keyword])
    const added = before[keyword] === undefined && is.length > 0
    return [
      ...(added ? [`${at(path)}: it is a union now`] : []),
      ...listOf(before[keyword]).flatMap((alternative, place) => {
        const mark = markOf(alternative)
        const found = mark === '' ? is[place] : is.find((candidate) => markOf(candidate) === mark)
        const name = `${path}(${mark || place})`
        return found === undefined
          ? [`${at(name)}: the alternative is gone`]
          : schemaProblems(alternative, found, name)
      }),
    ]
  })

const markOf = (alternative: unknown): string => {
  if (!isSchema(alternative) || !isSchema(alternative['properties'])) return ''
  return Object.entries(alternative['properties'])
    .flatMap(([key, member]) =>
      isSchema(member) && member['const'] !== undefined
        ? [`${key}=${String(member['const'])}`]
        : [],
    )
    .join(',')
}

const tupleProblems = (before: Schema, after: Schema, path: string): readonly string[] => {
  const [was, is] = [listOf(before['prefixItems']), listOf(after['prefixItems'])]
  if (was.length !== is.length) return [`${at(path)}: the tuple's length changed`]
  return was.flatMap((item, place) => schemaProblems(item, is[place], `${path}[${place}]`))
}
