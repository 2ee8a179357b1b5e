import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { Evidence } from '../../schemas/evidence.ts'

/** A run as far as releases are concerned. */
export interface WatchedRun {
  readonly version: string
  readonly score: number
  readonly startedAtMs: number
}

export interface ReleaseJudgement {
  readonly verdict: Extract<CycleEvent, { type: 'release-judged' }>['verdict']
  readonly evidence: readonly Evidence[]
  readonly reason: string
}

/** Runs of both arms that one judgement looks at: bounds memory, and ends a comparison that does not come to an end. */
export const MOST_RUNS = 20_000

export const meanScore = (runs: readonly WatchedRun[]): number =>
  runs.reduce((sum, { score }) => sum + score, 0) / runs.length
