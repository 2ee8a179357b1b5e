import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'
import type { AgentConfig } from '../../schemas/agent-config.ts'
import { agentConfig } from '../../schemas/agent-config.ts'
import type { ClusterRanking, RankedCluster } from '../../schemas/cluster.ts'
import type { Policy } from '../../schemas/policy.ts'
import { type Task, task } from '../../schemas/task.ts'
import { aDiagnosis } from './a-search.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const RULE = 'Look the order up before you refund it.'

export const shopConfig = (): AgentConfig =>
  agentConfig.parse({
    // Long enough for one more rule to be a small change.
    prompts: { main: [{ id: 'role', text: 'You are the friendly agent of a shop. '.repeat(60) }] },
  })

/** The cluster of failed refunds; its diagnosis knows the rule that repairs them. */
export const aCluster = (overrides: Partial<RankedCluster> = {}): RankedCluster => ({
  id: 'cluster-1',
  agent: 'shop',
  taskType: 'refund',
  rank: 1,
  failures: 9,
  meanScore: 0,
  hoursSinceLatest: 0,
  recency: 1,
  priority: 9,
  rootCauseType: 'prompt',
  summary: 'refunds fail',
  exampleTraceIds: [],
  users: 3,
  sessions: 3,
  latestAt: '2026-01-01T00:00:00.000Z',
  diagnosis: aDiagnosis({
    hypothesis: 'The customer asks for a refund and the order was not looked up.',
    rule: RULE,
  }),
  ...overrides,
})

export const aRanking = (
  clusters: readonly RankedCluster[] = [aCluster()],
  asOf = '2026-01-01T00:00:00.000Z',
): ClusterRanking => ({
  agent: clusters[0]?.agent ?? 'shop',
  asOf,
  windowHours: 168,
  halfLifeHours: 24,
  failuresInWindow: 9,
  noise: 0,
  clusters: [...clusters],
})

/** Refunds without a split, and questions about deliveries that guard. */
export const shopTasks = ({ refunds = 30, deliveries = 30 } = {}): readonly Task[] => [
  ...Array.from({ length: refunds }, (_, i) =>
    task.parse({
      id: `refund-${i}`,
      taskType: 'refund',
      input: `Please refund order ${i}.`,
      scorers: [{ type: 'exact', value: 'refunded' }],
    }),
  ),
  ...Array.from({ length: deliveries }, (_, i) =>
    task.parse({
      id: `delivery-${i}`,
      taskType: 'delivery',
      input: `Where is order ${i}?`,
      scorers: [{ type: 'contains', value: 'in delivery' }],
      split: 'regression',
    }),
  ),
]

export type PolicyInput = {
  readonly [Part in keyof Policy]?: Partial<Policy[Part]>
}

export interface ShopFolder {
  readonly folder: string
  readonly configuration: ConfigurationInput
  /** Breaks the agent from now on: `crash`, `hang`, `nonsense`, `infra`; '' mends it. */
  fault(kind: string): void
  remove(): void
}

const AGENT = new URL('../controller/fixtures/shop-agent.mjs', import.meta.url).pathname

/** The files of an agent and the configuration that names them. */
export const aShop = (
  policy: PolicyInput = {},
  tasks: readonly Task[] = shopTasks(),
): ShopFolder => {
  const { folder, remove } = temporaryFolder()
  const file = (name: string): string => join(folder, name)
  mkdirSync(folder, { recursive: true })
  copyFileSync(AGENT, file('agent.mjs'))
  writeFileSync(file('suite.json'), JSON.stringify({ schema: 'neosigma.suite/1', tasks }))
  writeFileSync(file('config.json'), JSON.stringify(shopConfig()))
  return {
    folder,
    remove,
    fault: (kind) =>
      kind === '' ? rmSync(file('fault'), { force: true }) : writeFileSync(file('fault'), kind),
    configuration: {
      agents: {
        shop: {
          run: `module:${file('agent.mjs')}`,
          suite: file('suite.json'),
          config: file('config.json'),
          policy: {
            ...policy,
            test: { margin: 0.1, ...policy.test },
            search: { maxAgentRuns: 1000, generations: 1, timeoutMs: 30_000, ...policy.search },
          },
        },
      },
    },
  }
}
