import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientSystem, startClientSystem } from '../../support/client-system.ts'
import { cacheFolder, command, sayMissing, succeed, tell } from '../../support/outside.ts'

const FOLDER = 'test/system/clients/go'
const program = join(cacheFolder('go'), 'agent')

const hasGo = (await command('go', ['version'])).code === 0
const modules = hasGo ? await command('go', ['mod', 'download'], { cwd: FOLDER }) : null
const missing = modules?.code !== 0
if (missing) sayMissing('an agent in Go', modules?.output.slice(-500) ?? 'there is no go')

describe.skipIf(missing)('an agent in Go', () => {
  let system: ClientSystem
  beforeAll(async () => {
    await succeed('go', ['build', '-o', program, '.'], { cwd: FOLDER })
    system = await startClientSystem()
  })
  afterAll(() => system?.close())

  test.each(['grpc', 'http'])(
    'that sends spans over %s is a run with all its calls',
    async (protocol) => {
      const agent = `go-${protocol}`
      const out = await succeed(program, [], {
        env: {
          AGENT: agent,
          PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? system.grpcUrl : system.httpUrl,
          OTEL_SERVICE_NAME: 'go',
        },
      })
      const { traceId, ...did } = JSON.parse(out) as { traceId: string }
      const run = await system.runOf(traceId)
      tell(JSON.stringify(run))
      expect(did).toEqual({ modelCalls: 2, toolCalls: 1, inputTokens: 300, outputTokens: 14 })
      expect(run).toMatchObject({ agent, outcome: 'fail', score: 0, model: 'small', ...did })
      expect(run.dialect).toMatch(/^gen-ai/)
    },
  )
})
