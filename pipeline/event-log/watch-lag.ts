import { systemClock } from '../service-runtime/clock.ts'
import type { ConsumeOptions, EventLog, EventLogServices } from './event-log.ts'

const EVERY_MS = 10_000

/**
 * A gauge for each topic: how many records the group has not committed, as of some seconds ago; told in the log, too, while
 * there are some. Ends with the signal; an event log that does not answer leaves the figures as they were.
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
        const records = ofTopic.reduce(
          (sum, { committed, end }) => sum + Number(end - (committed ?? 0n)),
          0,
        )
        if (records > 0 || (behind.get(topic) ?? 0) > 0)
          logger.info({ group, topic, records }, 'records are not committed yet')
        behind.set(topic, records)
        if (isFirst)
          metrics.gauge('neosigma.consumer.lag', () => behind.get(topic) ?? 0, { group, topic })
      }
    } catch (error) {
      logger.debug({ group, err: error }, 'the lag is not known')
    }
  }
}
