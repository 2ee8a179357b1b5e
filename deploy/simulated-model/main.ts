import { parseArgs } from 'node:util'
import { loadWorld } from './load-world.ts'
import { startSimulatedModel } from './start-simulated-model.ts'

/** `node deploy/simulated-model/main.ts --world FILE [--seed N] [--port N]` */
export const start = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      world: { type: 'string', default: 'deploy/demo/worlds/support-desk.json' },
      seed: { type: 'string', default: '1' },
      port: { type: 'string', default: '0' },
    },
  })
  const { baseUrl } = await startSimulatedModel({
    world: loadWorld(values.world),
    seed: values.seed,
    port: Number(values.port),
  })
  process.stdout.write(`SIMULATED MODEL, no real one: OPENAI_BASE_URL=${baseUrl}\n`)
}

if (import.meta.main) await start()
