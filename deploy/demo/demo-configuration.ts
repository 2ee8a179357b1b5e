import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'

/**
 * What the owner of the sample agent has configured. The defaults, but for what a demonstration of two minutes needs:
 * less waiting, and a target that is worth the runs it costs.
 */
export const demoConfiguration = (facts: {
  readonly agent: string
  readonly runUrl: string
  readonly seed: number
}): ConfigurationInput => ({
  runs: { pollMs: 250 },
  miner: { reclusterMs: 2000 },
  controller: { seed: facts.seed },
  agents: {
    [facts.agent]: {
      run: facts.runUrl,
      suite: 'suite.json',
      config: 'agent-config.json',
      policy: {
        search: { maxAgentRuns: 2000, concurrency: 8, timeoutMs: 20_000 },
        target: { minFailures: 25 },
      },
    },
  },
})
