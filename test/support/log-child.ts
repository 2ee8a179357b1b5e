// A process that uses an event log, to be killed: `node log-child.ts '{"configuration": …, "act": …}'`.
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { runConsumer } from '../../pipeline/event-log/run-consumer.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'

const {
  act,
  topic,
  group,
  bytes = 0,
  poison,
  how,
  aheadMs = 0,
  ...settings
} = JSON.parse(process.argv[2] ?? '{}')
const services = {
  clock: systemClock,
  logger: openLogger({ logLevel: 'silent' }),
  metrics: openMetrics(),
}
const log = await openEventLog(configuration.parse(settings.configuration), NO_SECRETS, services)

/** The line is written before the next step: what the parent has read has happened. */
const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

switch (act) {
  /** Takes a batch and commits it at SIGUSR2 only. */
  case 'hold':
    for await (const batch of log.consume({
      group,
      topics: [topic],
      signal: new AbortController().signal,
    })) {
      process.once('SIGUSR2', async () => say({ committed: await batch.commit() }))
      say({ values: batch.records.map(({ value }) => Buffer.from(value).toString()) })
      await new Promise(() => setInterval(() => {}, 1000))
    }
    break
  /** Appends numbers in batches, ten at a time, and says each when it is acknowledged. */
  case 'append':
    await Promise.all(
      Array.from({ length: 10 }, async (_, lane) => {
        for (let number = lane; ; number += 10) {
          const value = Buffer.alloc(Math.max(bytes, 12), ' ')
          value.write(String(number))
          await log.append([{ topic, key: `k${number % 7}`, value }])
          say(number)
        }
      }),
    )
    break
  /** Processes and commits until killed or told to stop. */
  case 'consume': {
    const stopping = new AbortController()
    process.once('SIGTERM', () => stopping.abort())
    say('started')
    for await (const batch of log.consume({
      group,
      topics: [topic],
      signal: stopping.signal,
      maxRecords: 5,
    })) {
      say({ values: batch.records.map(({ value }) => Buffer.from(value).toString()) })
      await systemClock.sleep(1)
      await batch.commit()
    }
    await log.close()
    break
  }
  /** A consumer as the roles have it, ended by one record. */
  case 'guard':
    await runConsumer(
      { ...services, clock: { ...systemClock, nowMs: () => Date.now() + aheadMs }, log },
      { group, topics: [topic], signal: new AbortController().signal },
      async (batch) => {
        const values = batch.records.map(({ value }) => Buffer.from(value).toString())
        if (values.includes(poison)) endBy(how)
        say({ values })
        await batch.commit()
      },
    ).catch(() => process.exit(70))
}

function endBy(way: string): void {
  if (way === 'kill') process.kill(process.pid, 'SIGKILL')
  if (way === 'exit') process.exit(1)
  throw new Error('planted')
}
