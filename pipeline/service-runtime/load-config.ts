// The one reader of process.env (beside instrumentation/register.ts, which runs in the processes of others).
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import type { z } from 'zod'
import { ConfigError } from '../../schemas/errors.ts'
import { type Configuration, type ConfigurationInput, configuration } from './configuration.ts'
import {
  type Environment,
  type EnvironmentField,
  environmentFields,
  environmentValues,
  isValues,
  mergeValues,
  type Values,
} from './environment-values.ts'
import { type Secret, type Secrets, secretOf } from './secrets.ts'

export interface LoadOptions {
  /** Default: `neosigma.config.jsonc` of the working directory, if it is there. A named file must exist. */
  readonly file?: string | undefined
  /** Stronger than file and environment; what the command line sets. */
  readonly overrides?: ConfigurationInput
  /** Default: the environment of the process. */
  readonly environment?: Environment
}

export interface LoadedConfiguration {
  readonly configuration: Configuration
  readonly secrets: Secrets
  /** The variables that set something, whatever overrode them. */
  readonly variables: readonly string[]
  /** Whether npm or npx runs the process: it ends on a signal without waiting for what it runs. */
  readonly isRunByNpm: boolean
}

const STANDARD_FILE = 'neosigma.config.jsonc'

/**
 * File ← environment ← overrides, checked as a whole and frozen. Paths in the file count from the file's folder,
 * others from the working directory.
 * @throws ConfigError `config-unreadable`, or `config-invalid` with every problem: path, variable, reason.
 */
export const loadConfiguration = ({
  file,
  overrides = {},
  environment = process.env,
}: LoadOptions = {}): LoadedConfiguration => {
  const fields = environmentFields(configuration)
  const fileValues = readFile(file)
  const secrets = readSecrets(environment)
  const values = [
    environmentValues(fields, environment),
    engineValues(environment, fileValues),
    resolvePaths(overrides, '.'),
  ].reduce(mergeValues, fileValues)
  const parsed = configuration.safeParse(values)
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, fields))),
    ...secretProblems(values, secrets),
    ...(parsed.success ? missingFiles(parsed.data) : []),
  ]
  if (!parsed.success || problems.length > 0)
    throw new ConfigError('config-invalid', problems.map((problem) => `\n  ${problem}`).join(''))
  const { data } = parsed
  return {
    configuration: deepFreeze({ ...data, dataDir: resolve(data.dataDir) }),
    secrets,
    isRunByNpm: (environment['npm_lifecycle_event'] ?? '') !== '',
    variables: fields.map(({ env }) => env).filter((name) => (environment[name] ?? '') !== ''),
  }
}

/** A Collector that the user has built (OTELCOL_BIN): no setting of the system, but of what is run beside it. */
export const givenCollector = (environment: Environment = process.env): string | null =>
  environment['OTELCOL_BIN'] || null

const readFile = (file: string | undefined): Values => {
  const path = resolve(file ?? STANDARD_FILE)
  if (file === undefined && !existsSync(path)) return {}
  const values = parseFile(path)
  if (!isValues(values)) throw new ConfigError('config-unreadable', `${path} is not an object.`)
  return resolvePaths(values, dirname(path))
}

const parseFile = (path: string): unknown => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${path} cannot be read.`, { cause })
  }
  const errors: ParseError[] = []
  const values: unknown = parse(text, errors, { allowTrailingComma: true, allowEmptyContent: true })
  if (errors.length === 0) return values ?? {}
  const places = errors.map(
    ({ error, offset }) =>
      `${printParseErrorCode(error)} in line ${text.slice(0, offset).split('\n').length}`,
  )
  throw new ConfigError('config-unreadable', `${path}: ${places.join(', ')}.`)
}

/** Data folder, certificates, suites, agent configurations and module agents are files: absolute from here on. */
const resolvePaths = (values: Values, folder: string): Values => {
  const absolute = (path: unknown): unknown =>
    typeof path === 'string' ? resolve(folder, path) : path
  const agents = values['agents']
  return {
    ...values,
    ...('dataDir' in values ? { dataDir: absolute(values['dataDir']) } : {}),
    ...(isValues(values['eventLog']) ? { eventLog: resolveLog(values['eventLog'], absolute) } : {}),
    ...(isValues(agents)
      ? {
          agents: Object.fromEntries(
            Object.entries(agents).map(([name, agent]) => [name, resolveAgent(agent, absolute)]),
          ),
        }
      : {}),
  }
}

const resolveLog = (log: Values, absolute: (path: unknown) => unknown): Values => {
  const { tls } = log
  if (!isValues(tls)) return log
  const files = ['caFile', 'certFile', 'keyFile'].filter((name) => name in tls)
  const resolved = Object.fromEntries(files.map((name) => [name, absolute(tls[name])]))
  return { ...log, tls: { ...tls, ...resolved } }
}

const resolveAgent = (agent: unknown, absolute: (path: unknown) => unknown): unknown => {
  if (!isValues(agent)) return agent
  const { run } = agent
  return {
    ...agent,
    ...('suite' in agent ? { suite: absolute(agent['suite']) } : {}),
    ...('config' in agent ? { config: absolute(agent['config']) } : {}),
    ...(typeof run === 'string' && run.startsWith('module:')
      ? { run: `module:${absolute(run.slice('module:'.length))}` }
      : {}),
  }
}

/** KAFKA_BROKERS and CLICKHOUSE_URL choose the production engines; the file may set their details. */
const engineValues = (environment: Environment, file: Values): Values => {
  const given = (name: string): string | undefined => environment[name] || undefined
  const brokers = given('KAFKA_BROKERS')
  const url = given('CLICKHOUSE_URL')
  const store = isValues(file['traceStore']) ? file['traceStore'] : {}
  const details = { url, user: given('CLICKHOUSE_USER'), database: given('CLICKHOUSE_DATABASE') }
  const log = isValues(file['eventLog']) ? file['eventLog'] : {}
  return {
    ...(brokers === undefined && log['driver'] !== 'kafka'
      ? {}
      : { eventLog: kafkaValues(brokers, given) }),
    ...(url === undefined && store['driver'] !== 'clickhouse'
      ? {}
      : { traceStore: { driver: 'clickhouse', ...details } }),
  }
}

const kafkaValues = (
  brokers: string | undefined,
  given: (name: string) => string | undefined,
): Values => {
  const caFile = given('KAFKA_TLS_CA_FILE')
  const isEncrypted = caFile !== undefined || given('KAFKA_TLS') === 'true'
  const certificates = caFile === undefined ? {} : { caFile: resolve(caFile) }
  return {
    driver: 'kafka',
    sasl: given('KAFKA_SASL_MECHANISM')?.toLowerCase(),
    ...(brokers === undefined ? {} : { brokers: brokers.split(',').map((name) => name.trim()) }),
    ...(isEncrypted ? { tls: { enabled: true, ...certificates } } : {}),
  }
}

const readSecrets = (environment: Environment): Secrets => {
  const secret = (name: string): Secret | null => {
    const text = environment[name] ?? ''
    return text === '' ? null : secretOf(text)
  }
  return Object.freeze({
    openAiApiKey: secret('OPENAI_API_KEY'),
    clickhousePassword: secret('CLICKHOUSE_PASSWORD'),
    kafkaUsername: secret('KAFKA_USERNAME'),
    kafkaPassword: secret('KAFKA_PASSWORD'),
  })
}

const secretProblems = (values: Values, secrets: Secrets): readonly string[] => {
  const model = isValues(values['model']) ? values['model'] : {}
  const url = model['baseUrl']
  const needsKey = typeof url === 'string' && !isLoopback(url) && secrets.openAiApiKey === null
  const halfLogin = (secrets.kafkaUsername === null) !== (secrets.kafkaPassword === null)
  return [
    ...(needsKey ? [`OPENAI_API_KEY: missing, model.baseUrl is ${url}`] : []),
    ...(halfLogin ? ['KAFKA_USERNAME, KAFKA_PASSWORD: set both or none'] : []),
  ]
}

/** Files that the agents need; found missing at the start, they are told with everything else. */
const missingFiles = ({ agents }: Configuration): readonly string[] =>
  Object.entries(agents).flatMap(([name, { run, suite, config }]) => {
    const module = run?.startsWith('module:') === true ? run.slice('module:'.length) : undefined
    return Object.entries({ run: module, suite, config }).flatMap(([field, path]) =>
      path === undefined || existsSync(path)
        ? []
        : [`agents.${name}.${field}: there is no file ${path}`],
    )
  })

const isLoopback = (url: string): boolean => {
  const { hostname } = URL.parse(url) ?? { hostname: '' }
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

const problemsOf = (
  issue: z.core.$ZodIssue,
  fields: readonly EnvironmentField[],
): readonly string[] => {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...path, key].join('.')}: unknown key`)
  const env = fields.find((field) => field.path.join('.') === path.join('.'))?.env
  return [`${path.join('.')}${env === undefined ? '' : ` (${env})`}: ${issue.message}`]
}

const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
