import { assessRisk, diffChars } from '../deployment-gate/assess-risk.ts'
import { decideGate, PERSISTENT_REGRESSION } from '../deployment-gate/decide-gate.ts'
import type { TestRefusal } from '../regression-tester/plan-test.ts'
import { isRepairable } from './choose-target.ts'
import type { CycleState } from './cycle-state.ts'
import { constraintsOf, planCycleTest } from './cycle-test.ts'
import { decideRelease } from './decide-release.ts'
import { askForReview, awaitReview } from './decide-review.ts'
import { append, end, type Facts, type Next, stamp, wait } from './facts.ts'
import { rejectCandidate, releaseCandidate, rollBack } from './make-decision.ts'
import { runsLeft, spendPlan } from './spend-plan.ts'

/**
 * What comes next in one cycle. It looks at the history and the facts alone: whoever asks again, after a crash or in
 * another process, gets the same answer.
 */
export const decide = (cycle: CycleState, facts: Facts): Next => {
  if (isUndermined(cycle, facts)) return abandon(cycle, facts)
  switch (cycle.stage) {
    case 'preparing':
      return prepare(cycle, facts)
    case 'prepared':
      return beginSearch(cycle, facts, 0)
    case 'searching':
      return { type: 'work', work: { type: 'search', cycle } }
    case 'searched':
      return beginTest(cycle, facts)
    case 'testing':
      return { type: 'work', work: { type: 'test', cycle, digest: cycle.found?.best ?? '' } }
    case 'tested':
      return passGate(cycle, facts)
    case 'gated':
      return obeyGate(cycle, facts)
    case 'retrying':
      return beginSearch(cycle, facts, cycle.round + 1)
    case 'review':
      return awaitReview(cycle, facts)
    case 'canary':
      return decideRelease(cycle, facts)
    case 'closing':
      return cycle.closing === null ? wait('closing') : end(cycle, facts, cycle.closing)
    case 'finished':
      return cycle.judgement === null ? wait('finished') : decideRelease(cycle, facts)
  }
}

/** A person has changed what the agent runs: what was measured against the old version says nothing any more. */
const isUndermined = (cycle: CycleState, { live }: Facts): boolean =>
  cycle.stage !== 'closing' &&
  cycle.stage !== 'finished' &&
  live.stable.digest !== cycle.baseline.digest

/** What is in production goes back to what runs beside it now; otherwise nothing has changed, and the cluster is free. */
const abandon = (cycle: CycleState, facts: Facts): Next => {
  const reason = 'baseline-changed: the agent runs another version now'
  return cycle.stage === 'canary'
    ? rollBack(cycle, facts, { reason, to: facts.live.stable })
    : end(cycle, facts, { outcome: 'NoChange', reason, coolDownHours: 0 })
}

/** Causes outside what the loop may change are left to people; the cluster rests and the next one has its turn. */
const prepare = (cycle: CycleState, facts: Facts): Next =>
  isRepairable(cycle.cluster)
    ? { type: 'work', work: { type: 'prepare-suite', cycle } }
    : end(cycle, facts, {
        outcome: 'NoChange',
        reason: `root-cause-${cycle.cluster.diagnosis.rootCauseType}: nothing for the loop to change`,
      })

/** No run is spent on a search whose result could not be tested afterwards. */
const beginSearch = (cycle: CycleState, facts: Facts, round: number): Next => {
  const { search, leastSearch, test } = spendPlan(cycle, facts.policy, round)
  const plan = planCycleTest(cycle, facts.policy)
  if (search < leastSearch) {
    const needed = `a test takes ${test} and a search ${leastSearch}`
    return giveUp(cycle, facts, `budget: ${runsLeft(cycle)} agent runs are left, ${needed}`)
  }
  if ('refused' in plan) return giveUp(cycle, facts, whyNotTestable(cycle, plan))
  const constraints = [...constraintsOf(cycle)]
  return append({ ...stamp(cycle, facts), type: 'search-started', round, constraints })
}

const beginTest = (cycle: CycleState, facts: Facts): Next => {
  const digest = cycle.found?.best ?? null
  if (digest === null)
    return giveUp(cycle, facts, `no-better-candidate: ${cycle.found?.reason ?? ''}`)
  const plan = planCycleTest(cycle, facts.policy)
  if ('refused' in plan) return giveUp(cycle, facts, whyNotTestable(cycle, plan))
  return append({ ...stamp(cycle, facts), type: 'test-planned', round: cycle.round, digest, plan })
}

const whyNotTestable = (cycle: CycleState, { refused, tasksNeeded }: TestRefusal): string =>
  tasksNeeded === null
    ? `budget: ${runsLeft(cycle)} agent runs are left, fewer than the test takes`
    : `not-testable: ${refused}`

/** Nothing found leaves everything as it is; after a candidate has been sent back it means that the target resists. */
const giveUp = (cycle: CycleState, facts: Facts, reason: string): Next =>
  cycle.tests.length === 0
    ? end(cycle, facts, { outcome: 'NoChange', reason })
    : end(cycle, facts, { outcome: 'Rejected', reason: `${PERSISTENT_REGRESSION}; ${reason}` })

const passGate = (cycle: CycleState, facts: Facts): Next => {
  const test = cycle.tests.at(-1)
  const candidate = cycle.candidates.find(({ digest }) => digest === test?.digest)
  if (test === undefined || candidate === undefined) return giveUp(cycle, facts, 'candidate-lost')
  const { config } = cycle.baseline
  const risk = assessRisk(candidate.patch, config, test.evidence)
  const gate = decideGate({
    policy: facts.policy,
    risk,
    diffChars: diffChars(candidate.patch, config),
    judgement: test,
    recentChanges: facts.changes,
    retriesUsed: cycle.round,
    nowMs: facts.nowMs,
  })
  const { verdict } = gate
  const reasons = [...gate.reasons]
  const { digest } = candidate
  return append({ ...stamp(cycle, facts), type: 'gate-decided', digest, verdict, risk, reasons })
}

const obeyGate = (cycle: CycleState, facts: Facts): Next => {
  const { gate } = cycle
  if (gate === null) return wait('gate')
  const reason = gate.reasons.join('; ')
  switch (gate.verdict) {
    case 'retry':
    case 'reject':
      return rejectCandidate(cycle, facts, { reason })
    case 'pending-review':
      return askForReview(cycle, facts, reason)
    case 'canary':
      return releaseCandidate(cycle, facts, { reason, canary: true })
    case 'deploy':
      return releaseCandidate(cycle, facts, { reason, canary: false })
  }
}
