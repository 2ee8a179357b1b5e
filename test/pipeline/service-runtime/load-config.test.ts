import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type LoadOptions,
  loadConfiguration,
} from '../../../pipeline/service-runtime/load-config.ts'
import { ConfigError } from '../../../schemas/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A configuration file with this text. */
const aFile = (text: string): string => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const file = join(folder, 'neosigma.config.jsonc')
  writeFileSync(file, text)
  return file
}

const load = (options: LoadOptions = {}) =>
  loadConfiguration({ file: aFile('{}'), environment: {}, ...options })

const problemsOf = (options: LoadOptions): ConfigError => {
  try {
    load(options)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was taken')
}

describe('the configuration', () => {
  test('of nothing is the embedded system on loopback', () => {
    const { configuration, secrets } = load()
    expect(configuration).toMatchObject({
      dataDir: resolve('.neosigma'),
      receiver: { host: '127.0.0.1', grpcPort: 4317, httpPort: 4318 },
      api: { host: '127.0.0.1', port: 4320 },
      eventLog: { driver: 'sqlite' },
      traceStore: { driver: 'chdb' },
      runs: { quietMs: 5000 },
      model: { baseUrl: null },
      agents: {},
    })
    expect(Object.values(secrets)).toEqual([null, null, null, null])
  })

  test('may have comments and trailing commas', () => {
    const file = aFile('{\n  // how long\n  "runs": { "quietMs": 7, }, /* enough */\n}')
    expect(load({ file }).configuration.runs.quietMs).toBe(7)
  })

  test('takes the file, over it the environment, over it the command line', () => {
    const file = aFile(
      '{"runs": {"quietMs": 1, "pollMs": 11}, "api": {"port": 1}, "logLevel": "warn"}',
    )
    const environment = { NEOSIGMA_RUN_QUIET_MS: '2', NEOSIGMA_API_PORT: '2' }
    const { configuration } = load({ file, environment, overrides: { api: { port: 3 } } })
    expect(configuration).toMatchObject({
      runs: { quietMs: 2, pollMs: 11 },
      api: { port: 3 },
      logLevel: 'warn',
    })
  })

  test('takes an empty variable as none', () => {
    const environment = { NEOSIGMA_API_PORT: '', KAFKA_BROKERS: '', OPENAI_API_KEY: '' }
    const { configuration, secrets } = load({ environment })
    expect(configuration.api.port).toBe(4320)
    expect(configuration.eventLog.driver).toBe('sqlite')
    expect(secrets.openAiApiKey).toBeNull()
  })

  test('cannot be changed afterwards', () => {
    const { configuration } = load({ overrides: { agents: { desk: {} } } })
    expect(() => Object.assign(configuration.receiver, { grpcPort: 1 })).toThrow(TypeError)
    expect(() => Object.assign(configuration.agents['desk'] ?? {}, { run: 'x' })).toThrow(TypeError)
  })

  test('counts paths of the file from its folder, others from the working directory', () => {
    const elsewhere = aFile('{}')
    const agents = `{"desk": {"run": "module:./agent.ts", "suite": "suite.json", "config": "${elsewhere}"},
                     "far": {"run": "http://127.0.0.1:1"}}`
    const file = aFile(`{"dataDir": "data", "agents": ${agents}}`)
    const folder = resolve(file, '..')
    for (const name of ['agent.ts', 'suite.json']) writeFileSync(join(folder, name), '')
    const fromFile = load({ file }).configuration
    expect(fromFile.dataDir).toBe(join(folder, 'data'))
    expect(fromFile.agents).toMatchObject({
      desk: {
        run: `module:${join(folder, 'agent.ts')}`,
        suite: join(folder, 'suite.json'),
        config: elsewhere,
      },
      far: { run: 'http://127.0.0.1:1' },
    })
    const environment = { NEOSIGMA_DATA_DIR: 'elsewhere' }
    expect(load({ file, environment }).configuration.dataDir).toBe(resolve('elsewhere'))
  })
})

describe('agents', () => {
  test('that cannot be run or lack a file are told with everything else that is wrong', () => {
    const file = aFile(
      '{"agents": {"desk": {"run": "ftp://x"}, "shop": {"suite": "none.json", "config": "none.jsonc"}}}',
    )
    expect(() => load({ file })).toThrow(/agents\.desk\.run: is none of module:PATH/)
    const missing = aFile(
      '{"agents": {"shop": {"run": "module:none.ts", "suite": "none.json", "config": "none.jsonc"}}}',
    )
    expect(() => load({ file: missing })).toThrow(
      /shop\.run: there is no file .*none\.ts\n.*shop\.suite: there is no file .*none\.json\n.*shop\.config/,
    )
  })
})

describe('the engines', () => {
  test('are those of the environment, with the details of the file', () => {
    const file = aFile(
      '{"eventLog": {"driver": "kafka", "brokers": ["file:1"], "replicationFactor": 3}}',
    )
    const environment = {
      KAFKA_BROKERS: 'one:9092, two:9092',
      CLICKHOUSE_URL: 'http://store:8123',
      CLICKHOUSE_USER: 'sigma',
    }
    const { configuration } = load({ file, environment })
    expect(configuration.eventLog).toMatchObject({
      brokers: ['one:9092', 'two:9092'],
      replicationFactor: 3,
    })
    expect(configuration.traceStore).toEqual({
      ...{ driver: 'clickhouse', url: 'http://store:8123', user: 'sigma', database: 'otel' },
      ...{ cluster: null, replicated: false },
    })
  })

  test('of the environment replace another engine of the file as a whole', () => {
    const file = aFile('{"eventLog": {"driver": "sqlite", "maxBytes": 5}}')
    const { eventLog } = load({ file, environment: { KAFKA_BROKERS: 'one:9092' } }).configuration
    expect(eventLog).toMatchObject({ driver: 'kafka', brokers: ['one:9092'] })
    expect(eventLog).not.toHaveProperty('maxBytes')
  })
})

describe('a configuration with problems', () => {
  test('is refused with every problem in one message: path, variable, reason', () => {
    const file = aFile(`{
      "recievers": {}, "api": {"port": 99999, "tls": true}, "runs": {"quietMs": "soon"},
      "agents": {"desk": {"suit": "x"}}, "eventLog": {"driver": "sqlite", "brokers": ["b:1"]}
    }`)
    const environment = {
      NEOSIGMA_OTLP_HTTP_PORT: 'http',
      OPENAI_BASE_URL: 'https://models.example/v1',
      KAFKA_USERNAME: 'carol',
    }
    const error = problemsOf({ file, environment })
    expect(error.code).toBe('config-invalid')
    for (const problem of [
      'recievers: unknown key',
      'api.tls: unknown key',
      'api.port (NEOSIGMA_API_PORT): ',
      'runs.quietMs (NEOSIGMA_RUN_QUIET_MS): ',
      'receiver.httpPort (NEOSIGMA_OTLP_HTTP_PORT): ',
      'agents.desk.suit: unknown key',
      'eventLog.brokers: unknown key',
      'OPENAI_API_KEY: missing, model.baseUrl is https://models.example/v1',
      'KAFKA_USERNAME, KAFKA_PASSWORD: set both or none',
    ])
      expect(error.message).toContain(problem)
  })

  test('is not asked for a key of an endpoint on loopback', () => {
    for (const url of ['http://127.0.0.1:9/v1', 'http://localhost:9/v1', 'http://[::1]:9/v1'])
      expect(load({ environment: { OPENAI_BASE_URL: url } }).configuration.model.baseUrl).toBe(url)
  })

  test.each([
    ['an unknown engine', { eventLog: { driver: 'paper' } }, 'eventLog.driver'],
    ['an engine without its address', { eventLog: { driver: 'kafka' } }, 'eventLog.brokers'],
    ['a broken address', { traceStore: { driver: 'clickhouse', url: 'store' } }, 'traceStore.url'],
    ['a list in place of an object', { agents: [] }, 'agents'],
    [
      'a threshold above 1',
      { runs: { passThresholds: { refund: 2 } } },
      'runs.passThresholds.refund',
    ],
  ])('names %s', (_, values, path) => {
    expect(problemsOf({ file: aFile(JSON.stringify(values)) }).message).toContain(`${path}: `)
  })

  test('never shows a secret', () => {
    const environment = { KAFKA_PASSWORD: 'open sesame', NEOSIGMA_API_PORT: 'x' }
    expect(problemsOf({ environment }).message).not.toContain('sesame')
  })

  test.each([
    ['a file that is not there', () => '/nowhere/neosigma.jsonc', 'cannot be read'],
    ['broken syntax, by its line', () => aFile('{\n"runs": {\n]}'), 'line 3'],
    ['a list', () => aFile('[]'), 'is not an object'],
  ])('is unreadable: %s', (_, file, reason) => {
    const error = problemsOf({ file: file() })
    expect(error.code).toBe('config-unreadable')
    expect(error.message).toContain(reason)
  })

  test('is unreadable: a folder', () => {
    const folder = join(resolve(aFile(''), '..'), 'folder')
    mkdirSync(folder)
    expect(problemsOf({ file: folder }).code).toBe('config-unreadable')
  })
})
