import { type AgentState, evolveAgent } from '../../controller/cycle/agent-state.ts'
import { conclude, type WorkResult } from '../../controller/cycle/conclude.ts'
import type { CycleState } from '../../controller/cycle/cycle-state.ts'
import { decideAgent } from '../../controller/cycle/decide-agent.ts'
import { decideCommand } from '../../controller/cycle/decide-command.ts'
import { type Facts, stamp, type Work } from '../../controller/cycle/facts.ts'
import { searchSetup } from '../../controller/cycle/search-setup.ts'
import { type CycleEvent, cycleEvent } from '../../schemas/cycle-event.ts'
import { policy } from '../../schemas/policy.ts'
import { type Random, seededRandom } from '../../schemas/seeded-random.ts'
import { aDiagnosis } from './a-search.ts'
import { aCluster } from './a-shop.ts'
import {
  aReview,
  aRollBack,
  candidateDigest,
  factsAbout,
  fold,
  someEvidence,
  told,
} from './specify-cycle.ts'

/**
 * A pure world around the decisions: work ends well or badly, people review, production judges, somebody rolls back; all
 * by the seed and the length of the log, so that whoever goes on from a log goes on alike.
 */
export const liveOn = (
  seed: number,
  past: readonly CycleEvent[],
  mostEvents: number,
): readonly CycleEvent[] => {
  const events = [...past]
  let agent = fold(events)
  let idle = 0
  while (events.length < mostEvents && idle < 3) {
    const fresh = nextEvents(seed, agent, { length: events.length, idle }).map((event) =>
      cycleEvent.parse(event),
    )
    idle = fresh.length === 0 ? idle + 1 : 0
    events.push(...fresh)
    agent = fresh.reduce(evolveAgent, agent)
  }
  return events
}

const POLICIES = [
  policy.parse({ test: { margin: 0.1 } }),
  policy.parse({ test: { margin: 0.1 }, gate: { autoDeployUpTo: 'none' } }),
  policy.parse({ test: { margin: 0.1, maxRegressionRetries: 1 }, release: { canary: false } }),
]

const CLUSTERS = [
  aCluster({ id: 'cluster-1' }),
  aCluster({ id: 'cluster-2', rank: 2, diagnosis: aDiagnosis({ rootCauseType: 'unknown' }) }),
  aCluster({ id: 'cluster-3', rank: 3 }),
]

const nextEvents = (
  seed: number,
  agent: AgentState,
  { length, idle }: { readonly length: number; readonly idle: number },
): readonly CycleEvent[] => {
  const random = seededRandom(`${seed}/${length}`)
  // Time goes on with the log, and faster while nothing happens.
  const situation = {
    policy: POLICIES[seed % POLICIES.length] ?? policy.parse({}),
    clusters: CLUSTERS,
    hours: length + idle * 80,
  }
  const facts = factsAbout(agent, situation)
  const person = somebodyActs(agent, random)
  if (person !== null) {
    const answer = decideCommand(agent, facts, person(length))
    if (answer.type === 'carried-out') return answer.events
  }
  const next = decideAgent(agent, facts)
  switch (next.type) {
    case 'append':
      return next.events
    case 'work':
      return worked(next.work, facts, random)
    case 'wait':
      return agent.cycles.flatMap((cycle) => judged(cycle, facts, random))
  }
}

const somebodyActs = (agent: AgentState, random: Random) => {
  const draw = random()
  const open = agent.cycles.find((cycle) => cycle.open !== null)?.open?.id
  if (draw < 0.02) return (n: number) => aRollBack({ id: `rollback-${n}` })
  if (open !== undefined && draw < 0.6)
    return (n: number) => aReview(open, draw < 0.4, { id: `review-${n}` })
  return null
}

const worked = (work: Work, facts: Facts, random: Random): readonly CycleEvent[] => {
  const { cycle } = work
  const name = `${cycle.id}-${cycle.round}`
  const proposed =
    work.type === 'search' && cycle.candidates.every(({ round }) => round !== cycle.round)
  if (proposed) return [{ ...told.proposed(name, cycle.round), ...stamp(cycle, facts) }]
  return [conclude(cycle, facts, resultOf(work, facts, random))]
}

const resultOf = (work: Work, facts: Facts, random: Random): WorkResult => {
  const { cycle } = work
  const name = `${cycle.id}-${cycle.round}`
  if (random() < 0.03) return { type: 'impossible', reason: 'agent-unavailable: down' }
  switch (work.type) {
    case 'prepare-suite': {
      const suite = told.prepared()
      const tasks = suite.type === 'suite-prepared' ? suite.tasks : []
      const suiteDigest = candidateDigest('suite')
      return { type: 'suite-prepared', tasks, suiteDigest, generated: 0, agentRuns: 0 }
    }
    case 'search': {
      const best = random() < 0.9 ? candidateDigest(name) : null
      const agentRuns = Math.min(60, searchSetup(cycle, facts).policy.maxAgentRuns)
      return { type: 'search-finished', best, reason: 'generations', agentRuns, proposals: 4 }
    }
    case 'test': {
      const passed = random() < 0.6
      // The baseline's arm is run once.
      const arm = (cycle.plan?.taskIds.length ?? 0) * (cycle.plan?.replicates ?? 0)
      const agentRuns = cycle.tests.length === 0 ? 2 * arm : arm
      const judgement = {
        complete: true,
        missing: [],
        passed,
        evidence: [someEvidence()],
        regressedTaskIds: passed ? [] : ['delivery-1'],
        reasons: passed ? [] : ['worse'],
      }
      return { type: 'test-finished', digest: work.digest, judgement, agentRuns }
    }
  }
}

const judged = (cycle: CycleState, facts: Facts, random: Random): readonly CycleEvent[] => {
  const { released, stage, outcome } = cycle
  const name = `${cycle.id}-${cycle.round}`
  if (released === null || cycle.judgement !== null || cycle.open !== null) return []
  const draw = random()
  const last = released.weight >= 0.5
  const verdict =
    draw < 0.2 ? 'rollback' : draw < 0.3 ? 'hold' : last ? ('promote' as const) : ('step' as const)
  const watched = stage === 'canary' || (outcome === 'Deployed' && verdict === 'rollback')
  return watched ? [{ ...told.judged(name, verdict, released.weight), ...stamp(cycle, facts) }] : []
}
