import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OtlpSink, openOtlpSink } from '../support/otlp-sink.ts'
import { runAgent } from '../support/run-agent.ts'

const ENDS = [
  ['work', 7],
  ['exit', 3],
  ['throw', 1],
  ['rejection', 1],
  ['unsettled', 13],
  ['timer', 0],
  ['beforeExit', 0],
  ['signal', null],
  ['ownHandler', 9],
] as const

let sink: OtlpSink
/** Takes connections and never answers. */
let silent: Server
let silentPort: number

beforeAll(async () => {
  sink = await openOtlpSink()
  silent = createServer()
  await new Promise<void>((resolve) => {
    silent.listen(0, '127.0.0.1', resolve)
  })
  const address = silent.address()
  silentPort = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  silent.close()
  await sink.close()
})

interface Ending {
  readonly port: number
  readonly waitMs: number
  readonly nodeOptions?: readonly string[]
}

const run = (end: string, { port, waitMs, nodeOptions }: Ending) =>
  runAgent({
    agent: 'ends.mjs',
    env: {
      END: end,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      NEOSIGMA_EXIT_WAIT_MS: String(waitMs),
    },
    signal: 'SIGTERM',
    ...(nodeOptions === undefined ? {} : { nodeOptions }),
  })

/** Frames of node itself differ with any preload. */
const withoutNodeFrames = (text: string): string =>
  text.replaceAll(/^ +at .*\(?node:internal.*\n/gm, '').replaceAll(/^ +at process\..*\n/gm, '')

describe('a process that ends by', () => {
  test.each(ENDS)(
    '%s keeps its exit code and output and sends its last span',
    async (end, code) => {
      const { grpcPort: port } = sink
      const alone = await run(end, { port, waitMs: 0, nodeOptions: [] })
      const watched = await run(end, { port, waitMs: 20_000 })
      expect(watched).toEqual({ ...alone, code, stderr: expect.any(String) })
      expect(withoutNodeFrames(watched.stderr)).toBe(withoutNodeFrames(alone.stderr))
      expect((await sink.spans()).map(({ name }) => name)).toContain(`ends by ${end}`)
    },
  )

  test.each(ENDS)('%s does so as well when nobody listens', async (end, code) => {
    expect((await run(end, { port: 1, waitMs: 100 })).code).toBe(code)
  })

  test('exit does so as well when the receiver never answers', async () => {
    expect((await run('exit', { port: silentPort, waitMs: 100 })).code).toBe(3)
  })
})

describe('spans that are unfinished', () => {
  const crash = async (how: string) => {
    const before = await sink.spans()
    await runAgent({
      agent: 'crash.mjs',
      env: {
        CRASH: how,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.grpcPort}`,
        NEOSIGMA_EXIT_WAIT_MS: '20000',
      },
    })
    const known = new Set(before.map(({ spanId }) => spanId))
    return (await sink.spans())
      .filter(({ spanId }) => !known.has(spanId))
      .map(({ name, statusCode, statusMessage, attributes }) => {
        return [name, statusCode, statusMessage, attributes['error.type']]
      })
      .sort()
  }

  test('fail with the error that ends the process', async () => {
    expect(await crash('throw')).toEqual([
      ['execute_tool look_up', 2, 'no such order', 'RangeError'],
      ['invoke_agent desk', 2, 'no such order', 'RangeError'],
    ])
  })

  test('fail with a process that ends with a code of failure', async () => {
    expect(await crash('4')).toEqual([
      ['execute_tool look_up', 2, 'the process ended with code 4', 'process_exit'],
      ['invoke_agent desk', 2, 'the process ended with code 4', 'process_exit'],
    ])
  })

  test('are no failures of a process that ends well', async () => {
    expect(await crash('0')).toEqual([])
  })
})
