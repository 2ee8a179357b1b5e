import { setTimeout as pause } from 'node:timers/promises'
import { apiClient } from '../../deploy/cli/api-client.ts'
import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { NeoSigmaError } from '../../schemas/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { aCluster, aRanking } from '../support/a-shop.ts'
import {
  appendEvent,
  publishRanking,
  readCycleEvents,
  readDecisions,
} from '../support/controller-topics.ts'

/** What the controller needs from others: rankings, the monitor's judgements, people's commands. */
export interface People {
  /** Has the controller something to do: the next agent's cluster is published where no cycle is going on. */
  occupy(): Promise<void>
  /** Agents whose cycle has begun and not come to its roll-back, or to another end. */
  open(): Promise<readonly string[]>
  stop(): Promise<void>
}

const EVERY_MS = 700

/** Every agent's cycle goes the whole way: canary, promotion, roll-back. */
export const playPeople = async (
  log: EventLog,
  api: string,
  agents: readonly string[],
): Promise<People> => {
  const begun = new Set<string>()
  for await (const { key } of log.readAll(TOPICS.rankedClusters.name)) begun.add(key ?? '')
  const open = async (): Promise<readonly string[]> => {
    const decided = (await readDecisions(log)).filter(({ decision }) => decision === 'rollback')
    const ended = new Set(decided.map(({ agent }) => agent))
    for (const event of await readCycleEvents(log))
      if (event.type === 'cycle-finished' && event.outcome !== 'Deployed') ended.add(event.agent)
    return agents.filter((agent) => begun.has(agent) && !ended.has(agent))
  }
  const stopping = new AbortController()
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      await moveReleasesOn(log, api).catch(passes)
      await pause(EVERY_MS)
    }
  })()
  return {
    open,
    occupy: async () => {
      const next = agents.find((agent) => !begun.has(agent))
      if (next === undefined || (await open()).length > 0) return
      begun.add(next)
      await publishRanking(log, aRanking([aCluster({ agent: next, id: `cluster-of-${next}` })]))
    },
    stop: async () => {
      stopping.abort()
      await ended
    },
  }
}

/** While the system is down there is nobody to ask; a broker that is away answers later. */
const passes = (error: unknown): void => {
  const isDown = error instanceof TypeError || error instanceof NeoSigmaError
  if (!isDown) throw error
}

const moveReleasesOn = async (log: EventLog, api: string): Promise<void> => {
  const decisions = await readDecisions(log)
  const judged = new Set(
    (await readCycleEvents(log)).flatMap(({ type, cycleId }) =>
      type === 'release-judged' ? [cycleId] : [],
    ),
  )
  for (const canary of decisions.filter(({ decision }) => decision === 'canary')) {
    const cycleId = canary.causation.cycleId ?? ''
    if (judged.has(cycleId)) continue
    await appendEvent(log, {
      type: 'release-judged',
      cycleId,
      agent: canary.agent,
      at: canary.at,
      digest: canary.toVersion,
      verdict: 'promote',
      weight: canary.canary?.weight ?? 0,
      evidence: [],
      reason: 'not worse',
    })
  }
  const asked = new Set<string>()
  for await (const { key } of log.readAll(TOPICS.commands.name)) asked.add(key ?? '')
  for (const { decision, agent } of decisions)
    if (decision === 'promote' && !asked.has(agent)) {
      asked.add(agent)
      await apiClient(api).post(`/v1/agents/${agent}/rollback`, { reviewer: 'delivery' })
    }
}
