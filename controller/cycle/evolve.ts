import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { CycleState, EventOf, Stage } from './cycle-state.ts'

/**
 * One event more. An event that does not fit the stage changes nothing: of two controllers that answer the same state,
 * whoever comes first on the log is right, and a record repeated is harmless.
 */
export const evolve = (cycle: CycleState, event: CycleEvent): CycleState => {
  switch (event.type) {
    case 'cycle-started':
      return cycle
    case 'suite-prepared':
      return from(cycle, ['preparing'], {
        stage: 'prepared',
        tasks: event.tasks,
        spentRuns: cycle.spentRuns + event.agentRuns,
      })
    case 'search-started':
      return from(cycle, ['prepared', 'retrying'], {
        stage: 'searching',
        round: event.round,
        constraints: event.constraints,
        found: null,
      })
    case 'candidate-proposed':
      return takeCandidate(cycle, event)
    case 'search-finished':
      return from(cycle, ['searching'], {
        stage: 'searched',
        found: { best: event.best, reason: event.reason },
        spentRuns: cycle.spentRuns + event.agentRuns,
      })
    case 'test-planned':
      return from(cycle, ['searched'], { stage: 'testing', plan: event.plan })
    case 'test-finished':
      return from(cycle, ['testing'], {
        stage: 'tested',
        tests: [...cycle.tests, event],
        spentRuns: cycle.spentRuns + event.agentRuns,
      })
    case 'gate-decided':
      return from(cycle, ['tested'], { stage: 'gated', gate: event })
    case 'decision-made':
      return takeDecision(cycle, event)
    case 'review-given':
      return cycle.open?.id === event.decisionId && cycle.review === null
        ? from(cycle, ['review', 'canary'], { review: event })
        : cycle
    case 'release-judged':
      return takeJudgement(cycle, event)
    case 'cycle-finished':
      return finish(cycle, event)
  }
}

const from = (
  cycle: CycleState,
  stages: readonly Stage[],
  change: Partial<CycleState>,
): CycleState => (stages.includes(cycle.stage) ? { ...cycle, ...change } : cycle)

const takeCandidate = (cycle: CycleState, event: EventOf<'candidate-proposed'>): CycleState => {
  const { round, digest, config, patch, operator, hypothesis } = event
  const twin = cycle.candidates.some(
    (one) =>
      one.digest === digest && one.round === round && one.orderId === (event.orderId ?? null),
  )
  if (round !== cycle.round || twin) return cycle
  const orderId = event.orderId ?? null
  const orderCandidates = event.orderCandidates ?? null
  const candidate = { round, digest, config, patch, operator, hypothesis, orderId, orderCandidates }
  return from(cycle, ['searching'], { candidates: [...cycle.candidates, candidate] })
}

/** A decision answers whatever asked for it: the gate, the review, the monitor's judgement. */
const takeDecision = (cycle: CycleState, { decision }: EventOf<'decision-made'>): CycleState => {
  const answered = { open: null, review: null, judgement: null }
  const { toVersion: digest, canary } = decision
  const steps = (cycle.released?.steps ?? 0) + 1
  switch (decision.decision) {
    case 'reject':
      return from(cycle, ['gated', 'review'], {
        ...answered,
        ...(cycle.stage === 'gated' && cycle.gate?.verdict === 'retry'
          ? { stage: 'retrying' }
          : { stage: 'closing', closing: { outcome: 'Rejected', reason: decision.reason } }),
      })
    case 'pending-review':
      return from(cycle, ['gated'], {
        ...answered,
        stage: 'review',
        outcome: 'PendingReview',
        open: decision,
      })
    case 'canary':
      return from(cycle, ['gated', 'review', 'canary'], {
        ...answered,
        stage: 'canary',
        outcome: 'Canary',
        released: { digest, weight: canary?.weight ?? 0, steps },
      })
    case 'hold':
      return from(cycle, ['canary'], { ...answered, open: decision })
    case 'promote':
      return from(cycle, ['gated', 'review', 'canary'], {
        ...answered,
        stage: 'closing',
        released: { digest, weight: 1, steps },
        closing: { outcome: 'Deployed', reason: decision.reason },
      })
    case 'rollback':
      return isReleased(cycle)
        ? {
            ...cycle,
            ...answered,
            stage: 'closing',
            closing: { outcome: 'RolledBack', reason: decision.reason },
          }
        : cycle
  }
}

/** In production now, as far as this cycle knows: only then can it be taken back. */
const isReleased = ({ stage, outcome, closing }: CycleState): boolean =>
  stage === 'canary' ||
  (stage === 'closing' && closing?.outcome === 'Deployed') ||
  (stage === 'finished' && outcome === 'Deployed')

/** Only about what is released, and a canary only at the share at which it runs now. */
const takeJudgement = (cycle: CycleState, event: EventOf<'release-judged'>): CycleState => {
  const { released, judgement } = cycle
  if (!isReleased(cycle) || judgement !== null || released?.digest !== event.digest) return cycle
  const atThisShare = cycle.stage === 'canary' && event.weight === released.weight
  return atThisShare || event.verdict === 'rollback' ? { ...cycle, judgement: event } : cycle
}

/** The suite and the candidates that came to nothing are on the log; memory keeps what a roll-back may need. */
const finish = (cycle: CycleState, event: EventOf<'cycle-finished'>): CycleState => {
  const { stage, closing } = cycle
  // What is in production ends by a decision about it, never by work that somebody else has given up.
  const mayEnd = stage === 'closing' ? closing?.outcome === event.outcome : stage !== 'canary'
  if (stage === 'finished' || !mayEnd) return cycle
  return {
    ...cycle,
    stage: 'finished',
    outcome: event.outcome,
    coolDownUntil: event.coolDownUntil,
    finishedAt: event.at,
    closing: cycle.closing ?? { outcome: event.outcome, reason: event.reason },
    open: null,
    review: null,
    tasks: [],
    plan: null,
    candidates: cycle.candidates.filter(({ digest }) => digest === cycle.released?.digest),
  }
}
