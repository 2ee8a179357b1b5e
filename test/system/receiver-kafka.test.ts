import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startKafka } from '../../deploy/local/kafka/start-kafka.ts'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { decodeTraces } from '../../pipeline/otlp/decode.ts'
import { encodeTraces } from '../../pipeline/otlp/encode.ts'
import { startReceiver } from '../../pipeline/receiver/main.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { anOtlpSpan, tracesWith } from '../support/an-otlp-span.ts'
import { kafkaIsMissing } from '../support/local-kafka.ts'
import { tell } from '../support/outside.ts'
import { postOtlp } from '../support/send-otlp.ts'

const SENDERS = 8
const AGAIN_MS = 200

const missing = await kafkaIsMissing('the receiver before a broker that goes away')

describe.skipIf(missing)('a receiver before a broker', () => {
  test('that is killed and comes back acknowledges nothing that is not on the topic', async () => {
    const kafka = await startKafka()
    const settings = configuration.parse({
      eventLog: { driver: 'kafka', brokers: [kafka.brokers] },
      receiver: { grpcPort: 0, httpPort: 0 },
    })
    const [logger, metrics] = [pino({ level: 'silent' }), openMetrics()]
    const log = await openEventLog(settings, NO_SECRETS, { clock: systemClock, logger, metrics })
    await log.createTopics([TOPICS.spans, TOPICS.logs])
    const receiver = await startReceiver({ configuration: settings, log, logger, metrics })
    onTestFinished(async () => {
      await receiver.stop()
      await log.close()
      await kafka.kill()
      await kafka.stop()
    })

    const acknowledged = new Set<string>()
    const refusals = new Map<string, number>()
    let next = 1
    let sending = true
    const lane = async (): Promise<void> => {
      while (sending) {
        const spanId = (next++).toString(16).padStart(16, '0')
        const traceId = spanId.padStart(32, 'a')
        const body = encodeTraces(tracesWith([anOtlpSpan({ traceId, spanId })]))
        const answer = await postOtlp(receiver.httpPort, '/v1/traces', body)
        if (answer.status === 200) acknowledged.add(spanId)
        else {
          const told = `${answer.status}, try again: ${answer.headers.has('retry-after')}`
          refusals.set(told, (refusals.get(told) ?? 0) + 1)
          await pause(AGAIN_MS)
        }
      }
    }
    const lanes = Promise.all(Array.from({ length: SENDERS }, lane))
    const until = (count: number) =>
      expect.poll(() => acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(count)
    await until(200)
    await kafka.kill()
    await expect.poll(() => refusals.size, { timeout: 60_000 }).toBeGreaterThan(0)
    await kafka.restart()
    await until(acknowledged.size + 200)
    sending = false
    await lanes

    expect([...refusals.keys()]).toEqual(['503, try again: true'])
    const stored = new Set<string>()
    for await (const { value } of log.readAll(TOPICS.spans.name))
      for (const { scopeSpans } of decodeTraces(value).resourceSpans)
        for (const { spans } of scopeSpans) for (const { spanId } of spans) stored.add(spanId)
    tell(
      `${acknowledged.size} acknowledged, ${[...refusals.values()]} refused, ${stored.size} stored`,
    )
    expect([...acknowledged].filter((spanId) => !stored.has(spanId))).toEqual([])
  })
})
