import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { environmentFields } from '../../pipeline/service-runtime/environment-values.ts'
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts'
import { code, markdownTable } from './markdown.ts'

interface Setting {
  readonly path: string
  readonly type: string
  readonly standard: string
  readonly description: string
}

/** Read apart from the schema's fields: engines are chosen and secrets are given by the environment. */
const OTHER_VARIABLES = [
  ['KAFKA_BROKERS', 'Comma-separated brokers; sets `eventLog` to the driver `kafka`'],
  ['KAFKA_SASL_MECHANISM', '`eventLog.sasl`'],
  ['KAFKA_TLS', '`true`: `eventLog.tls.enabled`'],
  ['KAFKA_TLS_CA_FILE', '`eventLog.tls.caFile`, and encryption'],
  ['KAFKA_USERNAME', 'SASL user name; with `KAFKA_PASSWORD`'],
  ['KAFKA_PASSWORD', 'SASL password'],
  ['CLICKHOUSE_URL', 'Address of a server; sets `traceStore` to the driver `clickhouse`'],
  ['CLICKHOUSE_USER', '`traceStore.user`'],
  ['CLICKHOUSE_PASSWORD', 'Its password'],
  ['CLICKHOUSE_DATABASE', '`traceStore.database`'],
  ['OPENAI_API_KEY', 'Key of the model endpoint; a loopback endpoint needs none'],
] as const

const environment = new Map(
  environmentFields(configuration).map(({ env, path }) => [path.join('.'), env]),
)

/** The reference page of the configuration, from the schema that checks it. */
export const configurationPage = (): string => `# Configuration

Generated from \`pipeline/service-runtime/configuration.ts\` by \`npm run generate\`.

The file is \`neosigma.config.jsonc\` of the working directory (JSON with comments). The environment is stronger than the file,
the command line stronger than both. Every setting has a default; the defaults start the embedded system. Unknown keys
are refused, all problems are reported at once, and the exit status is then 78. An empty variable counts as unset. Secrets
come from the environment alone. Relative paths in the file count from the file's folder.

## Settings

${settingsTable(settingsOf(jsonSchemaOf('configuration'), ''))}

## Other variables

${markdownTable(
  ['Variable', 'Meaning'],
  OTHER_VARIABLES.map(([name, meaning]) => [code(name), meaning]),
)}
`

const settingsTable = (settings: readonly Setting[]): string =>
  markdownTable(
    ['Setting', 'Type', 'Default', 'Variable', 'Meaning'],
    settings.map(({ path, type, standard, description }) => {
      const variable = environment.get(path)
      return [code(path), type, standard, variable === undefined ? '' : code(variable), description]
    }),
  )

/** The leaves of an object schema. A driver's own settings are named by their driver, a record's by NAME. */
const settingsOf = (schema: JsonSchema, path: string): readonly Setting[] => {
  const { properties, oneOf, additionalProperties } = schema
  if (Array.isArray(oneOf)) return driverSettings(schema, oneOf, path)
  if (isSchema(properties))
    return Object.entries(properties).flatMap(([key, member]) =>
      isSchema(member) ? settingsOf(member, path === '' ? key : `${path}.${key}`) : [],
    )
  if (isSchema(additionalProperties) && isSchema(additionalProperties['properties']))
    return [settingOf(schema, path), ...settingsOf(additionalProperties, `${path}.NAME`)]
  return [settingOf(schema, path)]
}

const driverSettings = (
  schema: JsonSchema,
  alternatives: readonly unknown[],
  path: string,
): readonly Setting[] => {
  const members = alternatives.filter(isSchema).map(({ properties }) => properties)
  const drivers = members.filter(isSchema).map((member) => {
    const { driver, ...own } = member
    return { name: isSchema(driver) ? String(driver['const']) : '', own }
  })
  const standard = isSchema(schema['default']) ? schema['default']['driver'] : undefined
  const choice: Setting = {
    path: `${path}.driver`,
    type: drivers.map(({ name }) => code(name)).join(' or '),
    standard: code(String(standard)),
    description: 'Which engine; the settings below belong to the driver that is named',
  }
  return [
    choice,
    ...drivers.flatMap(({ name, own }) =>
      settingsOf({ properties: own }, path).map((setting) => ({
        ...setting,
        description: `${code(name)}: ${setting.description}`,
      })),
    ),
  ]
}

const settingOf = (schema: JsonSchema, path: string): Setting => ({
  path,
  type: typeOf(schema),
  standard: 'default' in schema ? code(JSON.stringify(schema['default'])) : 'none',
  description: String(schema['description'] ?? ''),
})

const typeOf = (schema: JsonSchema): string => {
  const { type, anyOf, items } = schema
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((one) => code(String(one))).join(', ')
  if (Array.isArray(anyOf)) return anyOf.filter(isSchema).map(typeOf).join(' or ')
  if (type === 'array') return isSchema(items) ? `list of ${typeOf(items)}` : 'list'
  return [...(Array.isArray(type) ? type : [String(type)])].join(' or ')
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
