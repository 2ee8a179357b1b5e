import { followTopic } from '../pipeline/event-log/follow-topic.ts'
import type { RoleContext } from '../pipeline/service-runtime/role.ts'
import { digestOf } from '../schemas/canonical-json.ts'
import { encodeEvent } from '../schemas/cloud-event.ts'
import type { ClusterRanking } from '../schemas/cluster.ts'
import { type CycleEvent, cycleEvent } from '../schemas/cycle-event.ts'
import { TOPICS } from '../schemas/topics.ts'
import { type AgentState, evolveAgent, initialAgent } from './cycle/agent-state.ts'

/**
 * What the log says: the fold of the cycle events in the order of the log, and each agent's newest ranking. Events of
 * this process count when they come back from the log, like everybody else's.
 */
export interface CycleView {
  agent(name: string): AgentState
  ranking(name: string): ClusterRanking | null
  /** Appends events of one agent; resolves when they are durable and folded. */
  append(events: readonly CycleEvent[]): Promise<void>
  /** Calls back after each event or ranking of an agent, until the returned function is called. */
  onChange(name: string, listener: () => void): () => void
  /** Resolves when the past has been read. */
  readonly caughtUp: Promise<void>
  /** Resolves when the signal has aborted. */
  readonly ended: Promise<void>
}

export const openCycleView = (context: RoleContext, signal: AbortSignal): CycleView => {
  const agents = new Map<string, AgentState>()
  const rankings = new Map<string, ClusterRanking>()
  const listeners = new Map<string, Set<() => void>>()
  const awaited = new Map<string, () => void>()
  const agentOf = (name: string): AgentState => agents.get(name) ?? initialAgent(name)
  const tell = (name: string): void => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener()
  }
  const onEvent = (event: CycleEvent): void => {
    agents.set(event.agent, evolveAgent(agentOf(event.agent), event))
    awaited.get(digestOf(event))?.()
    tell(event.agent)
  }
  const onRanking = (ranking: ClusterRanking): void => {
    rankings.set(ranking.agent, ranking)
    tell(ranking.agent)
  }
  const common = { consumer: 'controller', signal }
  const events = followTopic(context, { ...common, topic: TOPICS.cycleEvents, onEvent })
  const ranked = followTopic(context, {
    ...common,
    topic: TOPICS.rankedClusters,
    onEvent: onRanking,
  })
  return {
    agent: agentOf,
    ranking: (name) => rankings.get(name) ?? null,
    append: (fresh) => appendAndWait(context, { events: fresh, awaited, signal }),
    onChange: (name, listener) => {
      const known = listeners.get(name) ?? new Set()
      listeners.set(name, known.add(listener))
      return () => known.delete(listener)
    },
    caughtUp: Promise.all([events.caughtUp, ranked.caughtUp]).then(() => undefined),
    ended: Promise.all([events.ended, ranked.ended]).then(() => undefined),
  }
}

interface Appending {
  readonly events: readonly CycleEvent[]
  readonly awaited: Map<string, () => void>
  readonly signal: AbortSignal
}

const appendAndWait = async (
  { log }: RoleContext,
  { events, awaited, signal }: Appending,
): Promise<void> => {
  const folded = events.map((event) => {
    const id = digestOf(cycleEvent.parse(event))
    const { promise, resolve } = Promise.withResolvers<void>()
    awaited.set(id, resolve)
    return { id, promise }
  })
  const stopped = Promise.withResolvers<never>()
  // It may come before anybody waits for it.
  stopped.promise.catch(() => undefined)
  const stop = (): void => stopped.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    await log.append(
      events.map((event, i) =>
        encodeEvent(TOPICS.cycleEvents, event, {
          id: folded[i]?.id ?? '',
          source: '/neosigma/controller',
          time: event.at,
          key: event.agent,
        }),
      ),
    )
    await Promise.race([Promise.all(folded.map(({ promise }) => promise)), stopped.promise])
  } finally {
    signal.removeEventListener('abort', stop)
    for (const { id } of folded) awaited.delete(id)
  }
}
