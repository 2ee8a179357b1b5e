import { parseArgs } from 'node:util'
import { liveConfig } from '@neosigma/instrumentation'
import { OpenAI } from 'openai'
import { configDigest } from '../../../schemas/agent-config.ts'
import { loadWorld } from '../../simulated-model/load-world.ts'
import { withAgent } from '../world-agent.ts'
import { serveAgent } from './serve-agent.ts'
import { allowBackdating } from './simulated-time.ts'

/** `node --import @neosigma/instrumentation/register deploy/demo/sample-agent/main.ts --world FILE [--agent NAME] [--model NAME] [--port N]` */
export const start = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      world: { type: 'string', default: 'deploy/demo/worlds/support-desk.json' },
      agent: { type: 'string' },
      model: { type: 'string' },
      port: { type: 'string', default: '0' },
    },
  })
  const world = withAgent(loadWorld(values.world), values)
  allowBackdating()
  const { name, config } = world.agent
  const live = await liveConfig({ agent: name, fallback: { digest: configDigest(config), config } })
  const drifts = new Set<string>()
  // The client reads OPENAI_BASE_URL and OPENAI_API_KEY itself.
  const server = serveAgent({ client: new OpenAI(), world, live, drifts }, (drift) =>
    drifts.add(drift),
  )
  const address = await server.listen({ host: '127.0.0.1', port: Number(values.port) })
  process.stdout.write(`${JSON.stringify({ agent: name, address })}\n`)
  process.once('SIGTERM', () => void server.close().then(() => live.close()))
}

if (import.meta.main) await start()
