import { decodeBatch } from '../../pipeline/event-log/decode-batch.ts'
import type { RecordBatch } from '../../pipeline/event-log/event-log.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { openPlace } from './frozen-clusters.ts'
import { memberRow, removedRow } from './member-rows.ts'
import { dropTrace, putMember } from './members.ts'
import { change, type Miner } from './miner-services.ts'
import { type AgentState, type MinerState, markChanged, nextVersion } from './miner-state.ts'
import { placeOnline } from './place-online.ts'
import { type PlannedMember, planRuns, type RunsPlan } from './plan-runs.ts'
import { publishDue } from './publish.ts'

/**
 * Takes the runs of a batch in: members are stored, then the rankings that they change are published where that is due,
 * then the batch is committed. A crash in between repeats the batch, whose revisions are then known.
 */
export const handleRuns = async (miner: Miner, batch: RecordBatch): Promise<void> => {
  const decoded = await decodeBatch(miner.context, 'miner', TOPICS.runs, batch)
  await change(miner, (state) =>
    takeIn(
      miner,
      state,
      decoded.map(({ event }) => event),
    ),
  )
  await batch.commit()
}

export const takeIn = async (
  miner: Miner,
  state: MinerState,
  runs: readonly AgentRun[],
): Promise<void> => {
  const { clock, store, configuration } = miner.context
  const nowMs = clock.nowMs()
  const planned = planRuns(state, runs, nowMs, configuration.miner)
  const plan = { ...planned, members: await placeNew(miner, planned.members) }
  countPlan(miner, plan)
  const version = nextVersion(state, nowMs)
  const rows = [
    ...plan.removals.map(({ agent, member }) => removedRow(agent.agent, member, version)),
    ...plan.members.map(({ agent, member, body }) =>
      memberRow(agent.agent, member, JSON.stringify(body), version),
    ),
  ]
  if (rows.length === 0) return
  await store.insert('neosigma_cluster_members', rows)
  remember(state, plan, nowMs)
  await publishDue(miner.context, state, touchedAgents(plan))
}

const countPlan = ({ context: { metrics } }: Miner, { members, held }: RunsPlan): void => {
  const count = (name: string, by: number): void => {
    if (by > 0) metrics.count(name, by)
  }
  count('neosigma.miner.failures', members.length)
  count('neosigma.miner.late', members.filter(({ late }) => late).length)
  count('neosigma.miner.coarse', members.filter(({ isCoarse }) => isCoarse).length)
  count('neosigma.miner.held', held)
}

/** Failures of a new kind are placed in the last clustering; without points for them they wait as noise. */
const placeNew = async (
  miner: Miner,
  members: readonly PlannedMember[],
): Promise<readonly PlannedMember[]> => {
  const open = members.filter(({ placed, late }) => !placed && !late)
  const ids = new Map<PlannedMember, string>()
  for (const [agent, group] of Map.groupBy(open, (one) => one.agent))
    try {
      const places = await placeOnline(
        agent,
        group.map(({ member }) => member.fingerprint),
      )
      agent.drift.strangers += places.strangers
      for (const [place, one] of group.entries()) ids.set(one, places.ids[place] ?? '')
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      agent.drift.strangers += group.length
      miner.context.logger.warn({ agent: agent.agent, err: error }, 'no points for new failures')
    }
  return members.map((one) => {
    const id = ids.get(one)
    return id === undefined
      ? one
      : { ...one, member: { ...one.member, clusterId: openPlace(one.agent, id) } }
  })
}

/** A revision that comes too late for the window takes what was known of its run out of it. */
const remember = (state: MinerState, plan: RunsPlan, nowMs: number): void => {
  for (const { agent, member } of plan.removals) {
    dropTrace(state, member.traceId)
    noteChange(agent, nowMs)
  }
  for (const { agent, member, late } of plan.members) {
    if (late) dropTrace(state, member.traceId)
    else putMember(state, agent, member)
    noteChange(agent, nowMs)
  }
}

const noteChange = (agent: AgentState, nowMs: number): void => {
  agent.drift.changes++
  markChanged(agent, nowMs)
}

const touchedAgents = ({ members, removals }: RunsPlan): ReadonlySet<AgentState> =>
  new Set([...removals, ...members].map(({ agent }) => agent))
