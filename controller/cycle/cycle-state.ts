import type { AgentConfig, ConfigPatch } from '../../schemas/agent-config.ts'
import type { RankedCluster } from '../../schemas/cluster.ts'
import type { CycleEvent, CycleOutcome, TestPlan } from '../../schemas/cycle-event.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import type { Task } from '../../schemas/task.ts'
import type { Version } from '../release/live-configuration.ts'

export type EventOf<Type extends CycleEvent['type']> = Extract<CycleEvent, { type: Type }>

/** Where a cycle stands, named by what was last finished or what is going on. */
export type Stage =
  | 'preparing'
  | 'prepared'
  | 'searching'
  | 'searched'
  | 'testing'
  | 'tested'
  | 'gated'
  | 'retrying'
  | 'review'
  | 'canary'
  | 'closing'
  | 'finished'

export interface ProposedCandidate {
  readonly round: number
  readonly digest: string
  readonly config: AgentConfig
  readonly patch: ConfigPatch
  readonly operator: string
  readonly hypothesis: string
  readonly orderId: string | null
  readonly orderCandidates: number | null
}

/** One cycle: the fold of its events and nothing else. */
export interface CycleState {
  readonly id: string
  readonly agent: string
  readonly stage: Stage
  readonly cluster: RankedCluster
  readonly baseline: Version
  readonly seed: number
  readonly maxAgentRuns: number
  /** Agent runs that finished work has told of; work that goes on is counted by the ledger. */
  readonly spentRuns: number
  /** Every task with its split; empty before the suite is prepared and after the end. */
  readonly tasks: readonly Task[]
  /** Searches begun before this one, hence also candidates sent back. */
  readonly round: number
  readonly constraints: readonly string[]
  readonly candidates: readonly ProposedCandidate[]
  /** What the last search chose, and why it stopped. */
  readonly found: { readonly best: string | null; readonly reason: string } | null
  readonly plan: TestPlan | null
  readonly tests: readonly EventOf<'test-finished'>[]
  readonly gate: EventOf<'gate-decided'> | null
  /** The version that went to production and its share of sessions; `steps` counts the shares so far. */
  readonly released: {
    readonly digest: string
    readonly weight: number
    readonly steps: number
  } | null
  /** A decision that waits for a person, and what the person said. */
  readonly open: DeploymentDecision | null
  readonly review: EventOf<'review-given'> | null
  /** What the monitor said and no decision has answered yet. */
  readonly judgement: EventOf<'release-judged'> | null
  /** How it will end, once a decision has settled that. */
  readonly closing: { readonly outcome: CycleOutcome; readonly reason: string } | null
  readonly outcome: CycleOutcome | null
  readonly coolDownUntil: string | null
  readonly finishedAt: string | null
}

export const initialState = (event: EventOf<'cycle-started'>): CycleState => ({
  id: event.cycleId,
  agent: event.agent,
  stage: 'preparing',
  cluster: event.cluster,
  baseline: event.baseline,
  seed: event.seed,
  maxAgentRuns: event.maxAgentRuns,
  spentRuns: 0,
  tasks: [],
  round: 0,
  constraints: [],
  candidates: [],
  found: null,
  plan: null,
  tests: [],
  gate: null,
  released: null,
  open: null,
  review: null,
  judgement: null,
  closing: null,
  outcome: null,
  coolDownUntil: null,
  finishedAt: null,
})

/** The version of a candidate that this cycle proposed; undefined for another cycle's digest. */
export const versionOf = (cycle: CycleState, digest: string): Version | undefined => {
  const found = cycle.candidates.find((candidate) => candidate.digest === digest)
  return found === undefined ? undefined : { digest, config: found.config }
}
