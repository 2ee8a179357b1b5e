import { decodeBatch } from '../../pipeline/event-log/decode-batch.ts'
import type { RecordBatch } from '../../pipeline/event-log/event-log.ts'
import type { AgentRun } from '../../schemas/agent-run.ts'
import { TransientError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { memberRow, removedRow } from './member-rows.ts'
import { change, type Miner } from './miner-services.ts'
import {
  type AgentState,
  dropMember,
  type MinerState,
  nextVersion,
  putMember,
} from './miner-state.ts'
import { placeOnline } from './place-online.ts'
import { type PlannedMember, planRuns, type RunsPlan } from './plan-runs.ts'
import { publishRankings } from './publish.ts'

/**
 * Takes the runs of a batch in: members are stored, then the rankings that they change are published, then the batch is
 * committed. A crash in between repeats the batch, whose revisions are then known.
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

const takeIn = async (
  miner: Miner,
  state: MinerState,
  runs: readonly AgentRun[],
): Promise<void> => {
  const { clock, store, configuration, metrics } = miner.context
  const nowMs = clock.nowMs()
  const planned = planRuns(state, runs, nowMs, configuration.miner)
  const plan = { ...planned, members: await placeNew(miner, planned.members) }
  const version = nextVersion(state, nowMs)
  const rows = [
    ...plan.removals.map(({ agent, member }) => removedRow(agent.agent, member, version)),
    ...plan.members.map(({ agent, member, body }) =>
      memberRow(agent.agent, member, JSON.stringify(body), version),
    ),
  ]
  if (rows.length === 0) return
  await store.insert('neosigma_cluster_members', rows)
  remember(state, plan)
  const late = plan.members.filter((one) => one.late).length
  metrics.count('neosigma.miner.failures', plan.members.length)
  if (late > 0) metrics.count('neosigma.miner.late', late)
  await publishRankings(miner.context, touchedAgents(plan))
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
      const placedIds = await placeOnline(
        agent,
        group.map(({ member }) => member.fingerprint),
      )
      for (const [place, one] of group.entries()) ids.set(one, placedIds[place] ?? '')
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      miner.context.logger.warn({ agent: agent.agent, err: error }, 'no points for new failures')
    }
  return members.map((one) => ({
    ...one,
    member: { ...one.member, clusterId: ids.get(one) ?? one.member.clusterId },
  }))
}

const remember = (state: MinerState, plan: RunsPlan): void => {
  for (const { agent, member } of plan.removals) dropMember(state, agent, member.traceId)
  for (const { agent, member, late } of plan.members) if (!late) putMember(state, agent, member)
  for (const agent of touchedAgents(plan)) agent.dirty = true
}

const touchedAgents = ({ members, removals }: RunsPlan): ReadonlySet<AgentState> =>
  new Set([...removals, ...members.filter(({ late }) => !late)].map(({ agent }) => agent))
