import type { AgentConfig, ConfigPatch } from '../../schemas/agent-config.ts'
import type { Diagnosis } from '../../schemas/cluster.ts'
import type { Policy } from '../../schemas/policy.ts'

type SearchPolicy = Policy['search']
/** The splits that a search may score. `regression` and `anchor` are sealed for it. */
export type SearchSplit = 'fix' | 'holdout'

/** What a search is about. `policy.maxAgentRuns` and `maxProposals` are what *this search* may spend. */
export interface SearchSetup {
  readonly baseline: { readonly digest: string; readonly config: AgentConfig }
  readonly diagnosis: Diagnosis
  readonly fixTaskIds: readonly string[]
  readonly holdoutTaskIds: readonly string[]
  /** Those of the two splits that every candidate must pass. */
  readonly criticalTaskIds: readonly string[]
  readonly policy: SearchPolicy
  /** Retry path: in plain words, which tasks regressed under which earlier change. */
  readonly constraints: readonly string[]
  /** Digests that were rejected before; they are not proposed again. */
  readonly excluded: readonly string[]
  readonly seed: number
  /** Runs per task and candidate; default 1. */
  readonly replicates?: number
}

type Operator = 'baseline' | 'directed-edit' | 'crossover'

/** What a proposer hands in: a change of the order's parent, in its own words why. */
export interface Proposal {
  readonly patch: ConfigPatch
  readonly hypothesis: string
  readonly expectedFixes: readonly string[]
  readonly fearedRegressions: readonly string[]
}

/** A configuration that passed the safety check. `patch` leads from the baseline to it. */
export interface Candidate extends Proposal {
  readonly digest: string
  readonly config: AgentConfig
  readonly parents: readonly string[]
  readonly operator: Operator
}

/** Asks for up to `count` changes of `parent`; each of them counts as a proposal, usable or not. */
export interface ProposalOrder {
  readonly id: string
  readonly operator: Exclude<Operator, 'baseline'>
  readonly count: number
  /** The configuration to change comes first; a crossover names its second parent after it. */
  readonly parents: readonly string[]
  readonly parent: AgentConfig
  readonly diagnosis: Diagnosis
  readonly constraints: readonly string[]
  /** Fix tasks with the parent's score, worst first. Holdout tasks are never named to a proposer. */
  readonly taskScores: readonly { readonly taskId: string; readonly score: number }[]
  /** What was tried already, in the proposer's own words, with the objective it reached (null: given up early). */
  readonly tried: readonly { readonly hypothesis: string; readonly objective: number | null }[]
  /** Digests that would be refused as known. */
  readonly known: readonly string[]
  readonly seed: number
  /** A crossover is computed by the search itself and needs no model, only the safety check. */
  readonly ready: Proposal | null
}

/** One agent run. The seed depends on task and replicate only, so that all candidates are compared in pairs. */
export interface RunOrder {
  readonly id: string
  readonly digest: string
  readonly taskId: string
  readonly split: SearchSplit
  readonly replicate: number
  readonly attempt: number
  readonly seed: number
}

export interface Refusal {
  readonly orderId: string
  readonly reasons: readonly string[]
}

/** The answer to a proposal order: accepted candidates in the proposer's order, and what was refused. */
export interface ProposalResult {
  readonly type: 'proposed'
  readonly orderId: string
  readonly candidates: readonly Candidate[]
  readonly refusals: readonly Refusal[]
}

/** The answer to a run order. A null score (`infra_error`) is never a score; the run is tried again, within bounds. */
interface RunResult {
  readonly type: 'evaluated'
  readonly orderId: string
  readonly score: number | null
  readonly passed: boolean | null
}
export type SearchResult = ProposalResult | RunResult

/** `no-headroom`: the baseline has full marks. `baseline-not-runnable`: the agent cannot be reached on what matters. */
export type StopReason =
  | 'full-marks'
  | 'generations'
  | 'stagnation'
  | 'budget'
  | 'proposals'
  | 'no-headroom'
  | 'no-fix-task'
  | 'baseline-not-runnable'

export type SearchAction =
  | { readonly type: 'propose'; readonly orders: readonly ProposalOrder[] }
  | { readonly type: 'evaluate'; readonly orders: readonly RunOrder[] }
  | { readonly type: 'stop'; readonly best: string | null; readonly reason: StopReason }

export interface Score {
  readonly score: number
  readonly passed: boolean
}

export type SearchStage = 'baseline' | 'propose' | 'gate' | 'full'

/**
 * A whole search as plain data. Work is issued in waves: results of a wave are kept by order id and only looked at when
 * the wave is complete, so that their order of arrival cannot matter.
 */
export interface SearchState {
  readonly setup: SearchSetup
  readonly stage: SearchStage
  readonly generation: number
  readonly orders: readonly ProposalOrder[]
  readonly runs: readonly RunOrder[]
  readonly answers: Readonly<Record<string, SearchResult>>
  readonly candidates: Readonly<Record<string, Candidate>>
  /** Digest → `task#replicate` → score. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, Score>>>>
  /** Candidates of this generation that are still in the race. */
  readonly contenders: readonly string[]
  /** Candidates that drew with their parent at the gate: set aside until the search stagnates. */
  readonly tied: readonly string[]
  /** Fully evaluated, best first. */
  readonly population: readonly string[]
  readonly evaluated: readonly string[]
  readonly refusals: readonly Refusal[]
  readonly spent: { readonly agentRuns: number; readonly proposals: number }
  /** Generations in a row without a better best. */
  readonly stagnant: number
  readonly stopped: { readonly best: string | null; readonly reason: StopReason } | null
}
