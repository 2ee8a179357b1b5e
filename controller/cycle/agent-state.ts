import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import { type CycleState, initialState } from './cycle-state.ts'
import { evolve } from './evolve.ts'

/** Everything that the log says of one agent: its cycles, its decisions, the commands that were carried out. */
export interface AgentState {
  readonly agent: string
  /** In the order of their start. At most one of them is not finished. */
  readonly cycles: readonly CycleState[]
  /** In order: what an agent runs is the fold of these. */
  readonly decisions: readonly DeploymentDecision[]
  readonly commandIds: ReadonlySet<string>
  /** Candidates that a test or a person has turned down. */
  readonly rejected: ReadonlySet<string>
}

export const initialAgent = (agent: string): AgentState => ({
  agent,
  cycles: [],
  decisions: [],
  commandIds: new Set(),
  rejected: new Set(),
})

/** The cycle that is going on, if there is one. */
export const activeCycle = ({ cycles }: AgentState): CycleState | undefined =>
  cycles.find(({ finishedAt }) => finishedAt === null)

/** One event more. Events that no cycle takes (late, repeated, of a second controller) leave everything as it is. */
export const evolveAgent = (state: AgentState, event: CycleEvent): AgentState => {
  if (event.type === 'cycle-started') {
    const known = state.cycles.some(({ id }) => id === event.cycleId)
    if (known || activeCycle(state) !== undefined) return state
    return { ...state, cycles: [...state.cycles, initialState(event)] }
  }
  if (event.type === 'decision-made' && state.decisions.some(({ id }) => id === event.decision.id))
    return state
  const cycle = state.cycles.find(({ id }) => id === event.cycleId)
  const next = cycle === undefined ? undefined : evolve(cycle, event)
  // Only a roll-back by a person may concern a version that no cycle has made.
  const ownerless = cycle === undefined && event.type === 'decision-made'
  if (next === cycle && !ownerless) return state
  const cycles = state.cycles.map((one) => (one === cycle && next !== undefined ? next : one))
  return withCommand(withDecision({ ...state, cycles }, event, cycle), event)
}

const withDecision = (
  state: AgentState,
  event: CycleEvent,
  cycle: CycleState | undefined,
): AgentState => {
  if (event.type !== 'decision-made') return state
  const { decision } = event
  // An approval that ran out of time says nothing of the candidate.
  const judged = cycle?.stage === 'gated' || decision.approver !== null
  const rejected =
    decision.decision === 'reject' && judged
      ? new Set([...state.rejected, decision.toVersion])
      : state.rejected
  return { ...state, rejected, decisions: [...state.decisions, decision] }
}

const withCommand = (state: AgentState, event: CycleEvent): AgentState => {
  const id =
    event.type === 'decision-made' || event.type === 'review-given' ? event.commandId : undefined
  return id === undefined ? state : { ...state, commandIds: new Set([...state.commandIds, id]) }
}

/** When each version went to production for the first time, as a canary or in full: what the rate limits count. */
export const changesOf = ({ decisions }: AgentState): readonly { readonly at: string }[] => {
  const first = new Map<string, { readonly at: string }>()
  for (const { decision, toVersion, at } of decisions)
    if ((decision === 'canary' || decision === 'promote') && !first.has(toVersion))
      first.set(toVersion, { at })
  return [...first.values()]
}
