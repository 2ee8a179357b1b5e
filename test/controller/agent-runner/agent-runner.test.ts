// One suite for the three transports: what an agent does wrong is a value, and nothing of it reaches us.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AgentRunner } from '../../../controller/agent-runner/agent-runner.ts'
import { commandAgentRunner } from '../../../controller/agent-runner/command-agent-runner.ts'
import { httpAgentRunner } from '../../../controller/agent-runner/http-agent-runner.ts'
import { moduleAgentRunner } from '../../../controller/agent-runner/module-agent-runner.ts'
import { openAgentRunner } from '../../../controller/agent-runner/open-agent-runner.ts'
import { agentConfig, configDigest } from '../../../schemas/agent-config.ts'
import { ConfigError } from '../../../schemas/errors.ts'
import type { RunRequest } from '../../../schemas/run-protocol.ts'

const CONFIG = agentConfig.parse({})
const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))

const request = (input: unknown, timeoutMs = 5000): RunRequest => ({
  protocol: 'neosigma.run/1',
  runId: 'run-1',
  attempt: 2,
  seed: 7,
  task: { id: 't1', input },
  candidate: { digest: configDigest(CONFIG), config: CONFIG },
  limits: { timeoutMs },
  trace: 'none',
})

const never = new AbortController().signal
const closing = <Runner extends AgentRunner>(runner: Runner): Runner => {
  onTestFinished(() => runner.close())
  return runner
}
const SMALL = { maxAnswerBytes: 1000 }

const serve = async (
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> => {
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => handle(req, res, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/run`
}

describe('an agent behind HTTP', () => {
  test('is asked by POST, marked as an evaluation, and answers', async () => {
    const seen: Record<string, unknown>[] = []
    const url = await serve((req, res, body) => {
      seen.push({ method: req.method, body: JSON.parse(body), headers: req.headers })
      res.end('{"status":"ok","output":"hello","usage":{"inputTokens":3}}')
    })
    const response = await httpAgentRunner(url).run(request('hi'), never)
    expect(response).toMatchObject({ status: 'ok', output: 'hello', usage: { inputTokens: 3 } })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        body: { runId: 'run-1', task: { input: 'hi' } },
        headers: {
          'x-neosigma-evaluation': '1',
          baggage: 'neosigma.evaluation=1',
          'idempotency-key': 'run-1/2',
          traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
        },
      },
    ])
  })

  test('times out when it hangs before or within its answer', async () => {
    const silent = await serve(() => {})
    const stuck = await serve((_req, res) => void res.write('{"status":'))
    for (const url of [silent, stuck])
      expect(await httpAgentRunner(url).run(request('', 60), never)).toMatchObject({
        status: 'timeout',
      })
  })

  test.each([
    [500, 'infra_error'],
    [503, 'infra_error'],
    [429, 'infra_error'],
    [400, 'agent_error'],
    [404, 'agent_error'],
  ])('status %i is %s', async (code, status) => {
    const url = await serve((_req, res) => void res.writeHead(code).end('no'))
    expect(await httpAgentRunner(url).run(request(''), never)).toMatchObject({
      status,
      error: { kind: `http_${code}`, message: 'no' },
    })
  })

  test('is an infra_error when nobody listens or the connection breaks', async () => {
    const gone = await serve((req) => void req.socket.destroy())
    for (const url of ['http://127.0.0.1:1/', gone])
      expect(await httpAgentRunner(url).run(request(''), never)).toMatchObject({
        status: 'infra_error',
        error: { kind: 'unreachable' },
      })
  })

  test.each([
    ['<html>', 'invalid_json'],
    ['', 'invalid_json'],
    ['{"status":"fine"}', 'invalid_response'],
    ['{"status":"ok","scores":{"a":7}}', 'invalid_response'],
    ['null', 'invalid_response'],
  ])('answering %j is an agent_error of kind %s', async (body, kind) => {
    const url = await serve((_req, res) => void res.end(body))
    expect(await httpAgentRunner(url).run(request(''), never)).toMatchObject({
      status: 'agent_error',
      error: { kind },
    })
  })

  test('an endless answer is cut off', async () => {
    const url = await serve((_req, res) => {
      const timer = setInterval(() => res.write('x'.repeat(600)), 1)
      res.on('close', () => clearInterval(timer))
    })
    expect(await httpAgentRunner(url, SMALL).run(request(''), never)).toMatchObject({
      status: 'agent_error',
      error: { kind: 'answer_too_large' },
    })
  })

  test('a stop ends the run and is not called a timeout', async () => {
    const url = await serve(() => {})
    const stopping = new AbortController()
    const running = httpAgentRunner(url).run(request(''), stopping.signal)
    stopping.abort()
    expect(await running).toMatchObject({ status: 'infra_error', error: { kind: 'aborted' } })
  })
})

describe('an agent as a command', () => {
  const run = (line: string, timeoutMs = 5000) =>
    closing(commandAgentRunner(line, SMALL)).run(request('hi', timeoutMs), never)

  test('reads the request on stdin and answers on the last line of stdout', async () => {
    const response = await run(`node ${fixture('command-agent.mjs')}`)
    expect(response).toMatchObject({
      status: 'ok',
      output: { input: 'hi', evaluation: '1', seed: '7', baggage: 'neosigma.evaluation=1' },
    })
  })

  test.each([
    ['exit 3', 'agent_error', 'crash'],
    ['kill -9 $$', 'agent_error', 'crash'],
    ['exit 75', 'infra_error', 'temporary'],
    ['/no/such/agent', 'infra_error', 'cannot_start'],
    ['echo no json', 'agent_error', 'invalid_json'],
    ['yes', 'agent_error', 'answer_too_large'],
  ])('%j is %s of kind %s', async (line, status, kind) => {
    expect(await run(line)).toMatchObject({ status, error: { kind } })
  })

  test('tells what it wrote to stderr when it crashes', async () => {
    expect((await run('echo out of cheese >&2; exit 1')).error?.message).toContain('out of cheese')
  })

  test('is ended with all its children when it hangs', async () => {
    const marker = `sleep 61.${process.pid}`
    expect(await run(`${marker} & ${marker}`, 150)).toMatchObject({ status: 'timeout' })
    const alive = await run(
      `pgrep -f '^${marker}' | wc -l | sed 's/.*/{"status":"ok","output":&}/'`,
    )
    expect(alive.output).toBe(0)
  })
})

describe('an agent as a module', () => {
  const open = () => closing(moduleAgentRunner(fixture('module-agent.mjs'), SMALL))

  test('answers, and its thread serves the next run', async () => {
    const runner = open()
    const first = await runner.run(request('thread'), never)
    const second = await runner.run(request('thread'), never)
    expect(first).toMatchObject({ status: 'ok', output: expect.any(Number) })
    expect(second.output).toBe(first.output)
  })

  test.each([
    ['hang', 'timeout', 'timeout'],
    ['spin', 'timeout', 'timeout'],
    ['throw', 'agent_error', 'exception'],
    ['exit', 'agent_error', 'crash'],
    ['reject later', 'agent_error', 'crash'],
    ['nonsense', 'agent_error', 'invalid_response'],
    ['nothing', 'agent_error', 'invalid_json'],
    ['large', 'agent_error', 'answer_too_large'],
  ])('that does %j is %s of kind %s, and the next run is served', async (input, status, kind) => {
    const runner = open()
    expect(await runner.run(request(input, 400), never)).toMatchObject({ status, error: { kind } })
    expect(await runner.run(request('hi'), never)).toMatchObject({ status: 'ok', output: 'hi' })
  })

  test('that does not load is an infra_error', async () => {
    for (const file of ['module-broken.mjs', 'module-without-run.mjs'])
      expect(await closing(moduleAgentRunner(fixture(file))).run(request(''), never)).toMatchObject(
        { status: 'infra_error', error: { kind: 'cannot_start' } },
      )
  })

  test('serves several runs at once', async () => {
    const runner = open()
    const answers = await Promise.all(
      [1, 2, 3].map(() => runner.run(request('slow thread'), never)),
    )
    expect(new Set(answers.map(({ output }) => output)).size).toBe(3)
  })
})

describe('the run setting', () => {
  test.each(['http://127.0.0.1:1/', `module:${fixture('module-agent.mjs')}`, 'command:true'])(
    '%s is opened',
    async (run) => {
      await (await openAgentRunner(run)).close()
    },
  )

  test.each(['', 'ftp://host', 'module:./missing.mjs', 'command: ', 'http://', 'agent.js'])(
    '%j is refused',
    async (run) => {
      await expect(openAgentRunner(run)).rejects.toThrow(ConfigError)
    },
  )
})
