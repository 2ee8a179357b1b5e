import { systemClock } from '../service-runtime/clock.ts'
import type { ConsumeOptions, EventLog, EventLogServices } from './event-log.ts'

const EVERY_MS = 10_000

/**
 * A gauge for each topic: how many records the group has not committed, as of some seconds ago. Ends with the signal; a
 * log that does not answer leaves the figures as they were.
 */
export const watchLag = async (
  { log, logger, metrics }: EventLogServices & { readonly log: EventLog },
  { group, topics, signal }: Pick<ConsumeOptions, 'group' | 'topics' | 'signal'>,
): Promise<void> => {
  const behind = new Map<string, number>()
  for (;;) {
    await systemClock.sleep(EVERY_MS, signal)
    if (signal.aborted) return
    try {
      const lags = await log.lag(group)
      for (const topic of topics) {
        const isFirst = !behind.has(topic)
        const ofTopic = lags.filter((lag) => lag.topic === topic)
        behind.set(
          topic,
          ofTopic.reduce((sum, { committed, end }) => sum + Number(end - (committed ?? 0n)), 0),
        )
        if (isFirst)
          metrics.gauge('neosigma.consumer.lag', () => behind.get(topic) ?? 0, { group, topic })
      }
    } catch (error) {
      logger.debug({ group, err: error }, 'the lag is not known')
    }
  }
}
