import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { decodeBatch } from '../../pipeline/event-log/decode-batch.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { loadConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { TOPICS } from '../../schemas/topics.ts'

/** A downstream service: a process of its own that prints every deployment decision of the topic as a JSON line. */
export const start = async (): Promise<void> => {
  const { configuration, secrets } = loadConfiguration()
  const logger = openLogger('warn')
  const services = { clock: systemClock, logger, metrics: openMetrics() }
  const log = await openEventLog(configuration, secrets, services)
  const stopping = new AbortController()
  process.once('SIGTERM', () => stopping.abort())
  process.stdout.write('{"ready":true}\n')
  const group = 'demo-subscriber'
  const options = { group, topics: [TOPICS.decisions.name], signal: stopping.signal }
  await runConsumer({ ...services, log }, options, async (batch) => {
    const decoded = await decodeBatch({ ...services, log }, group, TOPICS.decisions, batch)
    for (const { event } of decoded) process.stdout.write(`${JSON.stringify(event)}\n`)
    await batch.commit()
  })
  await log.close()
}

if (import.meta.main) await start()
