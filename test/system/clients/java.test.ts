import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientSystem, startClientSystem } from '../../support/client-system.ts'
import { cacheFolder, command, sayMissing, succeed, tell } from '../../support/outside.ts'

const FOLDER = 'test/system/clients/java'
const cache = cacheFolder('java')
const jars = join(cache, 'jars-1.68.0')
const classes = join(cache, 'classes')

/** Why the jars cannot be had; null where they are there. */
const whyMissing = async (): Promise<string | null> => {
  for (const tool of ['javac', 'mvn'])
    if ((await command(tool, ['-version'])).code !== 0) return `there is no ${tool}`
  if (existsSync(jars)) return null
  const fetched = await command(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`],
    { cwd: FOLDER },
  )
  return fetched.code === 0 ? null : fetched.output.slice(-500)
}

const missing = await whyMissing()
if (missing !== null) sayMissing('an agent in Java', missing)

describe.skipIf(missing !== null)('an agent in Java', () => {
  let system: ClientSystem
  beforeAll(async () => {
    const source = resolve(FOLDER, 'Agent.java')
    await succeed('javac', ['-cp', join(jars, '*'), '-d', classes, source])
    system = await startClientSystem()
  })
  afterAll(() => system?.close())

  test.each([
    ['grpc', 'grpc'],
    ['http', 'http/protobuf'],
  ])(
    'that sends spans and logs over %s is a run with its calls and its evaluation',
    async (...given) => {
      const [name, protocol] = given
      const agent = `java-${name}`
      const out = await succeed(
        'java',
        ['-cp', [classes, join(jars, '*')].join(delimiter), 'Agent'],
        {
          env: {
            AGENT: agent,
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
            OTEL_EXPORTER_OTLP_ENDPOINT: name === 'grpc' ? system.grpcUrl : system.httpUrl,
            OTEL_METRICS_EXPORTER: 'none',
            OTEL_SERVICE_NAME: 'java',
          },
        },
      )
      const { traceId, ...did } = JSON.parse(out) as { traceId: string }
      const run = await system.runOf(traceId)
      tell(JSON.stringify(run))
      expect(did).toEqual({ modelCalls: 1, toolCalls: 3, inputTokens: 40, outputTokens: 9 })
      expect(run).toMatchObject({ agent, outcome: 'fail', score: 0.25, model: 'small', ...did })
      expect(run.dialect).toBe('gen-ai')
    },
  )
})
