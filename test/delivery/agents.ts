import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'
import { shopConfig, shopTasks } from '../support/a-shop.ts'

const AGENT = fileURLToPath(new URL('../controller/fixtures/shop-agent.mjs', import.meta.url))

/** Writes the agents under improvement, and the configuration that names them, into the folder. */
export const writeAgents = (
  folder: string,
  agents: readonly string[],
  rest: ConfigurationInput = {},
): void => {
  mkdirSync(folder, { recursive: true })
  const file = (name: string): string => join(folder, name)
  copyFileSync(AGENT, file('agent.mjs'))
  const suite = { schema: 'neosigma.suite/1', tasks: shopTasks() }
  writeFileSync(file('suite.json'), JSON.stringify(suite))
  writeFileSync(file('config.json'), JSON.stringify(shopConfig()))
  const agent = {
    run: `module:${file('agent.mjs')}`,
    suite: file('suite.json'),
    config: file('config.json'),
    policy: {
      release: { steps: [0.2] },
      test: { margin: 0.1 },
      search: { maxAgentRuns: 1000, generations: 1, timeoutMs: 30_000 },
    },
  }
  const settings: ConfigurationInput = {
    ...rest,
    agents: Object.fromEntries(agents.map((name) => [name, agent])),
  }
  writeFileSync(file('neosigma.config.jsonc'), JSON.stringify(settings))
}

export const agentNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `shop-${i + 1}`)
