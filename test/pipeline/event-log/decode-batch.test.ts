import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeBatch } from '../../../pipeline/event-log/decode-batch.ts'
import type { NewRecord, StoredRecord } from '../../../pipeline/event-log/event-log.ts'
import { runConsumer } from '../../../pipeline/event-log/run-consumer.ts'
import { openSqliteEventLog } from '../../../pipeline/event-log/sqlite-event-log.ts'
import { decodeEvent, encodeEvent } from '../../../schemas/cloud-event.ts'
import type { DeadLetter } from '../../../schemas/operation-events.ts'
import type { Signal } from '../../../schemas/signal.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { eventually, firstBatch, testServices } from '../../support/log-reading.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const TOPIC = TOPICS.signals
const KEY = 'one-partition'
const time = '2026-01-01T00:00:00.000Z'

const aSignal = (id: string): NewRecord =>
  encodeEvent(
    TOPIC,
    { id, traceId: 'a'.repeat(32), name: 'user_feedback', type: 'explicit', value: 1, at: time },
    { id, source: '/test', time, key: KEY },
  )

const poison = (text: string, headers: Record<string, string> = {}): NewRecord => ({
  ...{ topic: TOPIC.name, key: KEY, value: Buffer.from(text), headers },
})

describe('decoding a batch', () => {
  const base = testServices()
  let remove: () => void
  let services: typeof base & { log: ReturnType<typeof openSqliteEventLog> }
  beforeEach(async () => {
    const temporary = temporaryFolder()
    remove = temporary.remove
    const log = openSqliteEventLog({ dataDir: temporary.folder, maxBytes: 1e9 }, base)
    await log.createTopics([TOPIC, TOPICS.deadLetter])
    services = { ...base, log }
  })
  afterEach(async () => {
    await services.log.close()
    remove()
  })

  const deadLetters = async (): Promise<readonly DeadLetter[]> => {
    const records: StoredRecord[] = []
    for await (const record of services.log.readAll(TOPICS.deadLetter.name)) records.push(record)
    return records.map((record) => decodeEvent(TOPICS.deadLetter, record))
  }
  const decodeFirst = async (records: readonly NewRecord[]): Promise<readonly Signal[]> => {
    await services.log.append(records)
    const options = { group: randomUUID(), topics: [TOPIC.name] }
    const { batch, leave } = await firstBatch(services.log, options)
    const decoded = await decodeBatch(services, 'tester', TOPIC, batch)
    await leave()
    return decoded.map(({ event }) => event)
  }

  test('events come in order with their records', async () => {
    const signals = await decodeFirst(['a', 'b', 'c'].map(aSignal))
    expect(signals.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(await deadLetters()).toEqual([])
  })

  test.each([
    ['no JSON', poison('{"id":'), 'payload-malformed'],
    [
      'invalid UTF-8',
      { ...poison(''), value: Buffer.from([0x22, 0xff, 0x22]) },
      'payload-malformed',
    ],
    ['nothing', poison(''), 'payload-malformed'],
    ['not of the schema', poison('{"id":"","type":"guess"}'), 'event-invalid'],
    [
      'an unknown version',
      poison('{}', { ce_type: 'dev.neosigma.signals.v9' }),
      'event-version-unknown',
    ],
  ])(
    '%s becomes a dead letter with reason and bytes, its neighbours are decoded',
    async (_, bad, code) => {
      const signals = await decodeFirst([aSignal('a'), bad, aSignal('c')])
      expect(signals.map(({ id }) => id)).toEqual(['a', 'c'])
      const [letter, ...others] = await deadLetters()
      expect(others).toEqual([])
      expect(letter).toMatchObject({
        ...{ topic: TOPIC.name, offset: '1', consumer: 'tester', code, key: KEY, attempts: 1 },
        headers: bad.headers,
        reason: expect.stringContaining(TOPIC.name),
        valueBase64: Buffer.from(bad.value).toString('base64'),
      })
    },
  )

  test('a record that is too large for a dead letter is cut, and the reason says so', async () => {
    const value = Buffer.alloc(8 * 1024 * 1024, '{')
    expect(await decodeFirst([{ ...poison(''), value }])).toEqual([])
    const [letter] = await deadLetters()
    expect(letter?.reason).toContain('of 8388608 bytes')
    expect(letter?.valueBase64.length).toBeGreaterThan(6_000_000)
  })

  test('the partition goes on behind a poison record, and what is read again has the same id', async () => {
    await services.log.append([aSignal('a'), poison('?'), aSignal('c')])
    for (const group of ['g', 'h']) {
      const stopping = new AbortController()
      const options = { group, topics: [TOPIC.name], maxRecords: 1, signal: stopping.signal }
      const seen: string[] = []
      const running = runConsumer(services, options, async (batch) => {
        const decoded = await decodeBatch(services, 'tester', TOPIC, batch)
        seen.push(...decoded.map(({ event }) => event.id))
        await batch.commit()
      })
      await eventually(() => seen.length >= 2)
      stopping.abort()
      await running
      expect(seen).toEqual(['a', 'c'])
    }
    const letters = await deadLetters()
    expect(letters).toHaveLength(2)
    expect(new Set(letters.map(({ id }) => id)).size).toBe(1)
  })
})
