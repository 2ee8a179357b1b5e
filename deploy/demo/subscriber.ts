import { parseArgs } from 'node:util'
import { decodeBatch } from '../../pipeline/event-log/decode-batch.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { loadConfiguration } from '../../pipeline/service-runtime/load-config.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { TOPICS } from '../../schemas/topics.ts'

/**
 * A downstream service: a process of its own that prints every deployment decision about an agent as a JSON line.
 * `node deploy/demo/subscriber.ts --agent NAME`, in a folder with the configuration of the system.
 */
export const start = async (): Promise<void> => {
  const { values } = parseArgs({ options: { agent: { type: 'string', default: '' } } })
  const { configuration, secrets } = loadConfiguration()
  const services = {
    clock: systemClock,
    logger: openLogger({ logLevel: 'warn' }),
    metrics: openMetrics(),
  }
  const log = await openEventLog(configuration, secrets, services)
  const stopping = new AbortController()
  process.once('SIGTERM', () => stopping.abort())
  const group = `demo-subscriber-${values.agent}`
  const options = { group, topics: [TOPICS.decisions.name], signal: stopping.signal }
  await runConsumer({ ...services, log }, options, async (batch) => {
    const decoded = await decodeBatch({ ...services, log }, group, TOPICS.decisions, batch)
    for (const { event } of decoded)
      if (event.agent === values.agent) process.stdout.write(`${JSON.stringify(event)}\n`)
    await batch.commit()
  })
  await log.close()
}

if (import.meta.main) await start()
