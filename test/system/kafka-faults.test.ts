import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { TransientError } from '../../schemas/errors.ts'
import {
  BACK_MS,
  CLIENTS,
  logOpener,
  startGuardedKafka,
  valuesOf,
  withPassword,
} from '../support/kafka-logs.ts'
import {
  aTopic,
  eventually,
  numbered,
  numbersOf,
  startReading,
  upTo,
  watchCommitted,
} from '../support/log-reading.ts'
import { startLogChild } from '../support/start-log-child.ts'

const kafka = await startGuardedKafka('faults of Kafka: death of the broker, of members')
afterAll(() => kafka?.stop())

describe.skipIf(kafka === null).each(CLIENTS)('Kafka by %s', (client) => {
  const opened = logOpener(kafka, client)
  test('the broker dies under appends and consumers: nothing is lost, and the same log goes on, logged in again', async () => {
    const given = { brokers: [kafka?.loginBrokers ?? ''], sasl: 'scram-sha-256' as const }
    const log = await opened(given, withPassword())
    const topic = await aTopic(log, 4)
    const group = randomUUID()
    const watch = watchCommitted(log, group)
    const reading = startReading(log, { group, topics: [topic], maxRecords: 20 })
    let appended = 0
    let refused = 0
    const appendAll = async (): Promise<void> => {
      while (appended < 3000) {
        try {
          await log.append(numbered(topic, 10, 50, appended))
          appended += 10
        } catch (error) {
          if (!(error instanceof TransientError)) throw error
          refused += 1
        }
      }
    }
    const appending = appendAll()
    for (const dieAt of [500, 2000]) {
      await eventually(() => appended >= dieAt, BACK_MS)
      await kafka?.kill()
      await kafka?.restart()
    }
    await appending
    await eventually(async () => {
      const lag = await log.lag(group)
      return lag.every(({ committed, end }) => committed === end)
    }, BACK_MS)
    expect(await watch.movedBack()).toEqual([])
    const stored = await valuesOf(log, topic)
    expect([...new Set(stored)]).toEqual(upTo(3000))
    expect([...new Set(numbersOf(reading.records))]).toEqual(upTo(3000))
    // An idempotent producer stores what it repeats once; only what a caller appended again may be there twice.
    expect(stored.length - 3000).toBeLessThanOrEqual(refused * 10)
    process.stderr.write(
      `broker killed twice: ${stored.length - 3000} stored twice, ${reading.records.length - stored.length} delivered twice, ${refused} appends refused\n`,
    )
  })

  test('a member that hung wakes up without its partitions: its commit changes nothing', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    const group = randomUUID()
    await log.append(numbered(topic, 30))
    const child = startLogChild({
      configuration: { eventLog: { driver: 'kafka', brokers: [kafka?.brokers ?? ''], client } },
      act: 'hold',
      topic,
      group,
    })
    await eventually(() => child.said.length > 0, BACK_MS)
    await log.append(numbered(topic, 30, 7, 30))
    child.send('SIGSTOP')
    const reading = startReading(log, { group, topics: [topic] })
    await eventually(() => reading.records.length >= 60, BACK_MS)
    child.send('SIGUSR2')
    child.send('SIGCONT')
    await eventually(() => child.said.length > 1, BACK_MS)
    expect(child.said[1]).toEqual({ committed: false })
    await eventually(async () => (await log.lag(group))[0]?.committed === 60n, BACK_MS)
    expect(numbersOf(reading.records)).toEqual(upTo(60))
    await child.end('SIGKILL')
  })

  test('while the broker is away appends are refused, and what comes after is not taken for a repetition', async () => {
    const log = await opened()
    const topic = await aTopic(log, 1)
    await log.append(numbered(topic, 10))
    await kafka?.kill()
    await expect(log.append(numbered(topic, 10, 7, 100))).rejects.toMatchObject({
      code: 'log-unavailable',
    })
    await kafka?.restart()
    await log.append(numbered(topic, 10, 7, 10))
    await log.append(numbered(topic, 10, 7, 20))
    const stored = new Set(await valuesOf(log, topic))
    for (const value of upTo(30)) expect(stored).toContain(value)
  })
})
