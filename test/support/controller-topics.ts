import type { EventLog } from '../../pipeline/event-log/event-log.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { decodeEvent, encodeEvent } from '../../schemas/cloud-event.ts'
import type { ClusterRanking } from '../../schemas/cluster.ts'
import type { CycleEvent } from '../../schemas/cycle-event.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import type { Command, DeadLetter } from '../../schemas/operation-events.ts'
import { TOPICS } from '../../schemas/topics.ts'

const TIME = '2026-01-01T00:00:00.000Z'

const append = (
  log: EventLog,
  topic: (typeof TOPICS)['commands' | 'rankedClusters' | 'cycleEvents'],
  data: { readonly agent: string },
): Promise<void> =>
  log.append([
    encodeEvent(topic, data, { id: digestOf(data), source: '/test', time: TIME, key: data.agent }),
  ])

export const publishRanking = (log: EventLog, ranking: ClusterRanking): Promise<void> =>
  append(log, TOPICS.rankedClusters, ranking)

export const giveCommand = (log: EventLog, command: Command): Promise<void> =>
  append(log, TOPICS.commands, command)

/** As the monitor would. */
export const appendEvent = (log: EventLog, event: CycleEvent): Promise<void> =>
  append(log, TOPICS.cycleEvents, event)

const readTopic = async <Event>(
  log: EventLog,
  topic: Parameters<typeof decodeEvent>[0],
): Promise<readonly Event[]> => {
  const found: Event[] = []
  for await (const record of log.readAll(topic.name))
    found.push(decodeEvent(topic, record) as Event)
  return found
}

export const readCycleEvents = (log: EventLog) => readTopic<CycleEvent>(log, TOPICS.cycleEvents)
export const readDecisions = (log: EventLog) => readTopic<DeploymentDecision>(log, TOPICS.decisions)
export const readEvaluations = (log: EventLog) => readTopic<Evaluation>(log, TOPICS.evaluations)
export const readDeadLetters = (log: EventLog) => readTopic<DeadLetter>(log, TOPICS.deadLetter)

/** Asks again until there is an answer; vitest's time limit ends a wait in vain. */
export const eventually = async <Found>(
  ask: () => Promise<Found | undefined | null | false>,
): Promise<Found> => {
  for (;;) {
    const found = await ask()
    if (found !== undefined && found !== null && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The ends of cycles on the log, once there are so many. */
export const finishedOnce = (log: EventLog, n: number): Promise<readonly CycleEvent[]> =>
  eventually(async () => {
    const found = (await readCycleEvents(log)).filter(({ type }) => type === 'cycle-finished')
    return found.length >= n && found
  })
