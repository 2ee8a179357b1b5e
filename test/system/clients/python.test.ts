import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientSystem, startClientSystem } from '../../support/client-system.ts'
import { cacheFolder, command, sayMissing, succeed, tell } from '../../support/outside.ts'

const FOLDER = 'test/system/clients/python'

/** A virtual environment outside the checkout with the packages, or why there is none. */
const python = async (): Promise<{ readonly program: string } | { readonly reason: string }> => {
  const folder = cacheFolder('python')
  const program = join(folder, 'bin/python')
  const wanted = join(FOLDER, 'requirements.txt')
  const installed = join(folder, 'installed.txt')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8'))
    return { program }
  const made = await command('python3', ['-m', 'venv', folder])
  if (made.code !== 0) return { reason: `python3 -m venv: ${made.output}` }
  const pip = await command(program, ['-m', 'pip', 'install', '--quiet', '-r', wanted])
  // Without a registry nothing can be said; packages that no longer fit together are a failure.
  if (/connection|network|temporary failure|timed out/i.test(pip.output))
    return { reason: `pip: ${pip.output.slice(-500)}` }
  if (pip.code !== 0) throw new Error(pip.output)
  copyFileSync(wanted, installed)
  return { program }
}

const found = await python()
if ('reason' in found) sayMissing('agents in Python', found.reason)
const program = 'program' in found ? found.program : ''

describe.skipIf(program === '')('an agent in Python', () => {
  let system: ClientSystem
  beforeAll(async () => {
    system = await startClientSystem()
  })
  afterAll(() => system?.close())

  test.each([
    // What people and models said comes in log records or on spans, as this variable says.
    ['genai', 'grpc', 'event_only', /^gen-ai/],
    ['genai', 'http', 'span_only', /^gen-ai/],
    ['openinference', 'grpc', 'true', /^openinference$/],
    ['traceloop', 'http', 'true', /^(traceloop|gen-ai.*)$/],
  ])('watched by %s over %s (%s) is a run with all its calls', async (...given) => {
    const [dialect, protocol, content, expected] = given
    const agent = `python-${dialect}-${protocol}`
    const out = await succeed(program, [join(FOLDER, 'agent.py')], {
      env: {
        AGENT: agent,
        DIALECT: dialect,
        PROTOCOL: protocol,
        OPENAI_BASE_URL: system.modelUrl,
        OPENAI_API_KEY: 'simulated',
        OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? system.grpcUrl : system.httpUrl,
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: content,
        OTEL_SERVICE_NAME: 'python',
      },
    })
    const { traceId, ...did } = JSON.parse(out) as { traceId: string }
    expect(did).toMatchObject({ modelCalls: 3, toolCalls: 2 })
    const run = await system.runOf(traceId)
    tell(JSON.stringify(run))
    expect(run).toMatchObject({ agent, outcome: 'pass', model: 'simulated', ...did })
    expect(run.dialect).toMatch(expected)
    const detail = await system.detailOf(traceId)
    expect(detail).toContain('Please refund order A-1234')
    expect(detail).toContain('order A-1234 has been refunded')
  })
})
