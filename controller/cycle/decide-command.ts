import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { ErrorCode } from '../../schemas/errors.ts'
import type { Command } from '../../schemas/operation-events.ts'
import { buildDecision } from '../release/build-decision.ts'
import type { Version } from '../release/live-configuration.ts'
import type { AgentState } from './agent-state.ts'
import type { CycleState } from './cycle-state.ts'
import { saidBy } from './decide-review.ts'
import { type Facts, isoOf } from './facts.ts'

export type CommandAnswer =
  | { readonly type: 'carried-out'; readonly events: readonly CycleEvent[] }
  | { readonly type: 'known' }
  | {
      readonly type: 'refused'
      readonly code: Extract<ErrorCode, 'not-found' | 'decision-not-open' | 'argument-invalid'>
      readonly reason: string
    }

type Review = Extract<Command, { type: 'review' }>
type RollBack = Extract<Command, { type: 'rollback' }>

const refused = (
  code: Extract<CommandAnswer, { type: 'refused' }>['code'],
  reason: string,
): CommandAnswer => ({ type: 'refused', code, reason })

/** What a person asks for, as events, or why it cannot be done. The same command again changes nothing. */
export const decideCommand = (agent: AgentState, facts: Facts, command: Command): CommandAnswer => {
  if (agent.commandIds.has(command.id)) return { type: 'known' }
  return command.type === 'review'
    ? decideReview(agent, facts, command)
    : decideRollBack(agent, facts, command)
}

const decideReview = (agent: AgentState, facts: Facts, command: Review): CommandAnswer => {
  const { decisionId, approved, reviewer, comment } = command
  const decision = agent.decisions.find(({ id }) => id === decisionId)
  if (decision === undefined) return refused('not-found', `There is no decision ${decisionId}.`)
  const cycle = agent.cycles.find(({ open }) => open?.id === decisionId)
  const expired = facts.nowMs >= Date.parse(decision.expiresAt ?? '9999-12-31')
  if (cycle === undefined || cycle.review !== null || expired)
    return refused('decision-not-open', `Decision ${decisionId} does not wait for a review.`)
  return {
    type: 'carried-out',
    events: [
      {
        type: 'review-given',
        cycleId: cycle.id,
        agent: agent.agent,
        at: isoOf(facts.nowMs),
        decisionId,
        approved,
        reviewer,
        comment,
        commandId: command.id,
      },
    ],
  }
}

/**
 * A roll-back by a person needs no test and no model. A running canary is ended first; `to` names a version of the past,
 * null is the version before: the stable one while a canary runs, else its predecessor.
 */
const decideRollBack = (agent: AgentState, facts: Facts, command: RollBack): CommandAnswer => {
  const { stable, canary, history } = facts.live
  const to =
    command.to === null
      ? canary === null
        ? history.at(-1)
        : stable
      : [...history, stable].find(({ digest }) => digest === command.to)
  if (to === undefined)
    return command.to === null
      ? refused('not-found', `${agent.agent} has run no other version before.`)
      : refused('not-found', `${agent.agent} has never run ${command.to}.`)
  if (canary === null && to.digest === stable.digest)
    return refused('argument-invalid', `${agent.agent} runs ${to.digest} already.`)
  const left = [...(canary === null ? [] : [canary]), ...(to === stable ? [] : [stable])]
  return {
    type: 'carried-out',
    events: left.map((from, step) =>
      takenBack(agent, facts, command, { from, to: from === stable ? to : stable, step }),
    ),
  }
}

const takenBack = (
  agent: AgentState,
  facts: Facts,
  command: RollBack,
  move: { readonly from: Version; readonly to: Version; readonly step: number },
): CycleEvent => {
  const cycle = agent.cycles.findLast(({ released }) => released?.digest === move.from.digest)
  const at = isoOf(facts.nowMs)
  return {
    type: 'decision-made',
    cycleId: cycle?.id ?? '',
    agent: agent.agent,
    at,
    commandId: command.id,
    decision: buildDecision({
      ...move,
      kind: 'rollback',
      agent: agent.agent,
      cause: command.id,
      cycleId: cycle?.id ?? null,
      canary: null,
      cluster: cycle?.cluster ?? null,
      evidence: [],
      risk: riskOf(cycle),
      reason: saidBy(command, 'rolled back'),
      approver: command.reviewer,
      expiresAt: null,
      policyDigest: facts.policyDigest,
      at,
    }),
  }
}

const riskOf = (cycle: CycleState | undefined) =>
  cycle?.gate?.risk ?? { level: 'low' as const, score: 0, reasons: [] }
