import type { CycleEvent, CycleOutcome } from './cycle-event.ts'
import type { Evidence } from './evidence.ts'

/** A candidate that reached the regression test; `outcome` is null while it is being tested. */
export interface ListedCandidate {
  readonly digest: string
  readonly outcome: 'rejected' | 'passed' | null
  readonly evidence: readonly Evidence[]
}

/** One cycle as `GET /v1/cycles` lists it and `neosigma_cycles.Body` holds it. */
export interface CycleRow {
  readonly id: string
  readonly agent: string
  readonly clusterId: string
  /** null while it runs and nothing of it is in review or in production. */
  readonly outcome: CycleOutcome | null
  /** The type of the last event, or the last decision: where it stands. */
  readonly stage: string
  readonly reason: string
  readonly startedAt: string
  readonly updatedAt: string
  readonly candidates: readonly ListedCandidate[]
  /** That of the candidate on which the cycle decided, or last tested. */
  readonly evidence: readonly Evidence[]
  readonly generatedTests: number
}

/** The rows of the cycles that the events tell of, in order of their start. */
export const cycleListing = (events: readonly CycleEvent[]): readonly CycleRow[] => {
  const rows = new Map<string, CycleRow>()
  for (const event of events) {
    const next = nextRow(rows.get(event.cycleId) ?? null, event)
    if (next !== null) rows.set(event.cycleId, next)
  }
  return [...rows.values()]
}

/** A cycle's row after one event more; null for an event of a cycle that has not begun. A repeated event changes nothing. */
export const nextRow = (row: CycleRow | null, event: CycleEvent): CycleRow | null => {
  if (event.type === 'cycle-started') return row ?? firstRow(event)
  if (row === null) return null
  const changed = changesOf(row, event)
  return changed === null ? row : { ...row, updatedAt: event.at, ...changed }
}

const firstRow = (event: Extract<CycleEvent, { type: 'cycle-started' }>): CycleRow => ({
  id: event.cycleId,
  agent: event.agent,
  clusterId: event.cluster.id,
  outcome: null,
  stage: 'started',
  reason: '',
  startedAt: event.at,
  updatedAt: event.at,
  candidates: [],
  evidence: [],
  generatedTests: 0,
})

type Changes = Partial<CycleRow>

const changesOf = (row: CycleRow, event: CycleEvent): Changes | null => {
  switch (event.type) {
    case 'cycle-started':
      return null
    case 'suite-prepared':
      return { stage: 'suite-prepared', generatedTests: event.generated }
    case 'search-started':
      return { stage: `search ${event.round + 1}` }
    case 'candidate-proposed':
      return {}
    case 'search-finished':
      return { stage: 'search-finished', reason: event.reason }
    case 'test-planned':
      return {
        stage: `test ${event.round + 1}`,
        candidates: withCandidate(row, { digest: event.digest, outcome: null, evidence: [] }),
      }
    case 'test-finished': {
      const { digest, evidence, passed } = event
      const outcome = passed ? 'passed' : 'rejected'
      const candidates = withCandidate(row, { digest, outcome, evidence })
      return { stage: 'tested', evidence, candidates, reason: event.reasons.join('; ') }
    }
    case 'gate-decided':
      return { stage: `gate: ${event.verdict}`, reason: event.reasons.join('; ') }
    case 'decision-made':
      return afterDecision(event)
    case 'review-given':
      return { stage: event.approved ? 'approved' : 'rejected by a person', reason: event.comment }
    case 'release-judged':
      return { stage: `production: ${event.verdict}`, reason: event.reason }
    case 'cycle-finished':
      return { stage: 'finished', outcome: event.outcome, reason: event.reason }
  }
}

const OUTCOMES: Readonly<Record<string, CycleOutcome>> = {
  canary: 'Canary',
  'pending-review': 'PendingReview',
  promote: 'Deployed',
  rollback: 'RolledBack',
}

const afterDecision = ({ decision }: Extract<CycleEvent, { type: 'decision-made' }>): Changes => {
  const outcome = OUTCOMES[decision.decision]
  return {
    stage: decision.decision,
    reason: decision.reason,
    ...(outcome === undefined ? {} : { outcome }),
  }
}

const withCandidate = (
  { candidates }: CycleRow,
  candidate: ListedCandidate,
): readonly ListedCandidate[] => [
  ...candidates.filter(({ digest }) => digest !== candidate.digest),
  candidate,
]
