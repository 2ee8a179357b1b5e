import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import { openAgentRunner } from '../../controller/agent-runner/open-agent-runner.ts'
import { loadWorld } from '../../deploy/simulated-model/load-world.ts'
import { startSimulatedModel } from '../../deploy/simulated-model/start-simulated-model.ts'
import { agentConfig, configDigest } from '../../schemas/agent-config.ts'
import { RUN_PROTOCOL, type RunRequest } from '../../schemas/run-protocol.ts'

const config = agentConfig.parse({
  prompts: {
    main: [{ id: 'role', text: 'Use lookup_order first, and confirm every request.' }],
  },
  model: { name: 'simulated' },
})

const request: RunRequest = {
  protocol: RUN_PROTOCOL,
  runId: 'example/1',
  attempt: 1,
  seed: 1,
  task: { id: 'refund', input: 'Please refund order A-1234, it arrived broken.' },
  candidate: { digest: configDigest(config), config },
  limits: { timeoutMs: 20_000 },
  trace: 'none',
}

const world = () => loadWorld('deploy/demo/worlds/support-desk.json')
const environment = (baseUrl: string) => ({ OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: 'simulated' })

const run = async (setting: string, asked = request) => {
  const runner = await openAgentRunner(setting)
  try {
    return await runner.run(asked, AbortSignal.timeout(30_000))
  } finally {
    await runner.close()
  }
}

const DONE = {
  status: 'ok',
  output: expect.stringContaining('order A-1234 has been refunded'),
  usage: { llmCalls: 3, inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
  toolCalls: [
    { name: 'lookup_order', arguments: { order: 'A-1234' } },
    { name: 'refund_order', arguments: { order: 'A-1234' } },
  ],
}

/** Runs an example's task over the command transport, with the model there and away. */
export const expectCommandExample = async (commandLine: string): Promise<void> => {
  const model = await startSimulatedModel({ world: world(), seed: 1 })
  const given = Object.entries(environment(model.baseUrl)).map(([key, value]) => `${key}=${value}`)
  expect(await run(`command:${given.join(' ')} ${commandLine}`)).toMatchObject(DONE)
  await model.close()
  expect((await run(`command:${given.join(' ')} ${commandLine}`)).status).toBe('infra_error')
}

/** The same over HTTP: `serve` makes the example print its address. */
export const expectHttpExample = async (program: string, parameters: string[]): Promise<void> => {
  const model = await startSimulatedModel({ world: world(), seed: 1 })
  const child = spawn(program, parameters, {
    env: { ...process.env, ...environment(model.baseUrl) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [printed] = (await once(child.stdout, 'data')) as [Buffer]
    const address = String(printed).trim()
    expect(await run(address)).toMatchObject(DONE)
    const endless = { ...request, limits: { ...request.limits, maxSteps: 1 } }
    expect((await run(address, endless)).status).toBe('agent_error')
    await model.close()
    expect((await run(address)).status).toBe('infra_error')
  } finally {
    child.kill('SIGKILL')
  }
}
