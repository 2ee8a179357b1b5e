import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventLog, StoredRecord } from '../../pipeline/event-log/event-log.ts'
import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import {
  aRecord,
  aTopic,
  eventually,
  firstBatch,
  numbered,
  numbersOf,
  startReading,
  textOf,
  upTo,
} from '../support/log-reading.ts'
import { describeLogGroups } from './event-log-groups.contract.ts'

export interface EventLogDriver {
  readonly name: string
  /** What another process opens the same log by. */
  readonly configuration: ConfigurationInput
  /** How long the partitions of a member may stay away when it joins, leaves or is killed. */
  readonly rebalanceMs: number
}

/** Hashes that Kafka publishes in its own test of murmur2 (`UtilsTest`). */
const PUBLISHED_HASHES: Readonly<Record<string, number>> = {
  '21': -973932308,
  foobar: -790332482,
  'a-little-bit-long-string': -985981536,
  'a-little-bit-longer-string': -1486304829,
  lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  abc: 479470107,
}

const MIB = 1024 * 1024

const everything = async (log: EventLog, topic: string): Promise<StoredRecord[]> => {
  const records: StoredRecord[] = []
  for await (const record of log.readAll(topic)) records.push(record)
  return records
}

/** What every event log promises. The log may hold topics of other runs. */
export const describeEventLog = (driver: EventLogDriver, open: () => Promise<EventLog>): void => {
  describe(`event log on ${driver.name}`, () => {
    let log: EventLog
    beforeAll(async () => {
      log = await open()
    })
    afterAll(() => log.close())

    test('records of one key keep the order in which they were appended', async () => {
      const topic = await aTopic(log)
      const records = numbered(topic, 300)
      await Promise.all(records.map((record) => log.append([record])))
      const stored = await everything(log, topic)
      for (const key of new Set(stored.map((record) => record.key))) {
        const ofKey = stored.filter((record) => record.key === key)
        expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1)
        expect(ofKey.map((record) => Number(textOf(record)))).toEqual(numbersOf(ofKey))
      }
      expect(numbersOf(stored)).toEqual(upTo(300))
    })

    test.each([12, 16])('a key of %i partitions goes where Java sends it', async (partitions) => {
      const topic = await aTopic(log, partitions)
      await log.append(Object.keys(PUBLISHED_HASHES).map((key) => aRecord(topic, { key })))
      const stored = await everything(log, topic)
      expect(Object.fromEntries(stored.map(({ key, partition }) => [key, partition]))).toEqual(
        Object.fromEntries(
          Object.entries(PUBLISHED_HASHES).map(([key, hash]) => [
            key,
            (hash & 0x7fffffff) % partitions,
          ]),
        ),
      )
      expect(await log.partitionsOf(topic)).toBe(partitions)
    })

    test('records without key spread over the partitions', async () => {
      const topic = await aTopic(log, 3)
      for (let i = 0; i < 30; i += 1) await log.append([aRecord(topic, { key: null })])
      const stored = await everything(log, topic)
      expect(stored.every(({ key }) => key === null)).toBe(true)
      expect(new Set(stored.map(({ partition }) => partition)).size).toBeGreaterThan(1)
    })

    test('key, value, headers and time come back as they were given', async () => {
      const topic = await aTopic(log, 1)
      const given = [
        { key: 'é 😀', value: Buffer.from([0, 255, 128]), headers: { a: 'ü 😀', b: '' } },
        { key: '', value: new Uint8Array(0), headers: {} },
      ].map((record) => ({ topic, timestampMs: 1_700_000_000_123, ...record }))
      await log.append(given)
      const stored = await everything(log, topic)
      expect(stored.map((record) => ({ ...record, value: [...record.value] }))).toEqual(
        given.map((record, offset) => ({
          ...record,
          value: [...record.value],
          partition: 0,
          offset: BigInt(offset),
        })),
      )
      await log.append([aRecord(topic)])
      const [, , untimed] = await everything(log, topic)
      expect(untimed?.timestampMs).toBeGreaterThan(1_700_000_000_123)
    })

    test('a record of 8 MiB is taken, a larger one refused without harm to its neighbours', async () => {
      const topic = await aTopic(log, 1)
      const appended = await Promise.allSettled([
        log.append([aRecord(topic, { value: Buffer.alloc(8 * MIB, 1) })]),
        log.append([aRecord(topic), aRecord(topic, { value: Buffer.alloc(9 * MIB) })]),
        log.append([aRecord(topic, { value: Buffer.alloc(8 * MIB, 2) })]),
      ])
      expect(appended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(appended[1]).toMatchObject({ reason: { code: 'record-too-large' } })
      const reading = startReading(log, { group: randomUUID(), topics: [topic] })
      await eventually(() => reading.records.length >= 2, driver.rebalanceMs)
      const stored = await everything(log, topic)
      expect(stored.map(({ value }) => [value.byteLength, value[0]])).toEqual([
        [8 * MIB, 1],
        [8 * MIB, 2],
      ])
    })

    test('an unknown topic is refused by whatever names it', async () => {
      const name = `unknown.${randomUUID()}`
      const topic = await aTopic(log, 1)
      const unknown = expect.objectContaining({ code: 'topic-unknown' })
      await expect(log.append([aRecord(topic), aRecord(name)])).rejects.toEqual(unknown)
      await expect(log.append([aRecord(name)])).rejects.toBeInstanceOf(InvalidInputError)
      await expect(log.partitionsOf(name)).rejects.toEqual(unknown)
      await expect(everything(log, name)).rejects.toEqual(unknown)
      await expect(firstBatch(log, { group: randomUUID(), topics: [name] })).rejects.toEqual(
        unknown,
      )
      expect(await everything(log, topic)).toEqual([])
    })

    test('topics are made once and keep what they hold', async () => {
      const topic = await aTopic(log, 2)
      await log.append([aRecord(topic)])
      const other = `test.${randomUUID()}`
      const make = () =>
        log.createTopics([topic, other].map((name) => ({ name, partitions: 5, retentionHours: 1 })))
      await Promise.all([make(), make()])
      await make()
      expect(await log.partitionsOf(topic)).toBe(2)
      expect(await log.partitionsOf(other)).toBe(5)
      expect(await everything(log, topic)).toHaveLength(1)
    })

    test('appending nothing resolves', async () => {
      await log.append([])
    })

    test('a reader of the whole topic stops at the end that it found', async () => {
      const topic = await aTopic(log, 3)
      expect(await everything(log, topic)).toEqual([])
      await log.append(numbered(topic, 1200))
      let seen = 0
      for await (const _ of log.readAll(topic)) {
        if (seen === 0) await log.append(numbered(topic, 100))
        seen += 1
      }
      expect(seen).toBe(1200)
    })

    describeLogGroups(driver, open)
  })
}
