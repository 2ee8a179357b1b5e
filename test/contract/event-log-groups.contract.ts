import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventLog, RecordBatch } from '../../pipeline/event-log/event-log.ts'
import {
  aRecord,
  aTopic,
  eventually,
  firstBatch,
  numbered,
  numbersOf,
  startReading,
  upTo,
  watchCommitted,
} from '../support/log-reading.ts'
import { startLogChild } from '../support/start-log-child.ts'
import type { EventLogDriver } from './event-log.contract.ts'

const committedOf = async (log: EventLog, group: string): Promise<readonly (bigint | null)[]> =>
  (await log.lag(group)).map(({ committed }) => committed)

/** What consumers of one group are promised. */
export const describeLogGroups = (
  { configuration, rebalanceMs }: EventLogDriver,
  open: () => Promise<EventLog>,
): void => {
  describe('groups', () => {
    let log: EventLog
    beforeAll(async () => {
      log = await open()
    })
    afterAll(() => log.close())

    const aGroup = async (partitions: number, records = 0) => {
      const topic = await aTopic(log, partitions)
      await log.append(numbered(topic, records))
      return { topic, group: `group-${randomUUID()}`, topics: [topic] }
    }
    const isCaughtUp = async (group: string): Promise<boolean> => {
      const lag = await log.lag(group)
      return lag.length > 0 && lag.every(({ committed, end }) => (committed ?? 0n) === end)
    }

    test('every group is given every record, in order of each partition, once', async () => {
      const { topics, topic } = await aGroup(4, 200)
      const readings = [1, 2].map(() => startReading(log, { group: randomUUID(), topics }))
      await eventually(() => readings.every(({ records }) => records.length >= 200), rebalanceMs)
      await log.append(numbered(topic, 200, 7, 200))
      await eventually(() => readings.every(({ records }) => records.length >= 400), rebalanceMs)
      for (const { records, owned } of readings) {
        expect(owned()).toEqual([0, 1, 2, 3])
        expect(numbersOf(records)).toEqual(upTo(400))
        for (const partition of owned()) {
          const offsets = records.filter((r) => r.partition === partition).map((r) => r.offset)
          expect(offsets).toEqual([...offsets].sort((a, b) => Number(a - b)))
        }
      }
    })

    test('a batch holds at most maxRecords and never nothing', async () => {
      const { group, topics } = await aGroup(2, 50)
      const sizes: number[] = []
      const reading = startReading(log, { group, topics, maxRecords: 4 }, async (batch) => {
        sizes.push(batch.records.length)
        await batch.commit()
      })
      await eventually(() => reading.records.length >= 50, rebalanceMs)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
    })

    test('several topics are read by one member', async () => {
      const { group, topic } = await aGroup(2, 20)
      const other = await aTopic(log, 3)
      await log.append(numbered(other, 20, 7, 20))
      const reading = startReading(log, { group, topics: [topic, other] })
      await eventually(() => reading.records.length >= 40, rebalanceMs)
      expect(numbersOf(reading.records)).toEqual(upTo(40))
    })

    test('what was not committed comes again, what was committed does not', async () => {
      const { group, topics } = await aGroup(1, 30)
      const options = { group, topics, maxRecords: 10 }
      const first = await firstBatch(log, options)
      expect(await first.batch.commit()).toBe(true)
      await first.leave()
      const second = await firstBatch(log, options)
      expect(numbersOf(second.batch.records)).toEqual(upTo(20).slice(10))
      expect(await second.batch.commit(second.batch.records[3]?.offset)).toBe(true)
      await second.leave()
      const third = await firstBatch(log, options)
      expect(numbersOf(third.batch.records)[0]).toBe(14)
      await third.leave()
      const fourth = await firstBatch(log, options)
      expect(numbersOf(fourth.batch.records)[0]).toBe(14)
      await fourth.leave()
    })

    test('an offset that was committed never moves back', async () => {
      const { group, topics } = await aGroup(1, 30)
      const batches: RecordBatch[] = []
      startReading(log, { group, topics, maxRecords: 10 }, async (batch) => batches.push(batch))
      await eventually(() => batches.length >= 3, rebalanceMs)
      for (const place of [0, 2, 1, 0]) await batches[place]?.commit()
      await batches[1]?.heartbeat()
      expect(await committedOf(log, group)).toEqual([30n])
    })

    test('a commit after the partition was given back answers false and changes nothing', async () => {
      const { group, topics } = await aGroup(1, 30)
      const options = { group, topics, maxRecords: 10 }
      const { batch, leave } = await firstBatch(log, options)
      await leave()
      expect(await batch.commit()).toBe(false)
      const next = await firstBatch(log, options)
      expect(numbersOf(next.batch.records)).toEqual(upTo(10))
      await next.batch.commit(next.batch.records[1]?.offset)
      expect(await batch.commit()).toBe(false)
      expect(await committedOf(log, group)).toEqual([2n])
      await next.leave()
    })

    test('a group that begins at the latest sees what comes after it began, even if it commits nothing', async () => {
      const { group, topics, topic } = await aGroup(2, 30)
      const options = { group, topics, from: 'latest' } as const
      const reading = startReading(log, options, async () => {})
      await eventually(() => reading.owned().length === 2, rebalanceMs)
      await log.append(numbered(topic, 10, 7, 30))
      await eventually(() => reading.records.length >= 10, rebalanceMs)
      await reading.stop()
      const again = startReading(log, options)
      await eventually(() => again.records.length >= 10, rebalanceMs)
      for (const { records } of [reading, again])
        expect(numbersOf(records)).toEqual(upTo(40).slice(30))
    })

    test('the lag of a group is what it has not committed', async () => {
      const { group, topics, topic } = await aGroup(1, 30)
      expect(await log.lag(group)).toEqual([])
      const { batch, leave } = await firstBatch(log, { group, topics, maxRecords: 10 })
      await batch.commit()
      expect(await log.lag(group)).toEqual([{ topic, partition: 0, committed: 10n, end: 30n }])
      await leave()
    })

    test('the signal ends the iteration, waiting or not, and the partitions are given back', async () => {
      const { group, topics } = await aGroup(2, 10)
      const reading = startReading(log, { group, topics })
      await eventually(() => reading.records.length >= 10, rebalanceMs)
      await reading.stop()
      expect(reading.owned()).toEqual([])
      const aborted = startReading(log, { group, topics, signal: AbortSignal.abort() })
      await aborted.ended
      expect(aborted.records).toEqual([])
    })

    test('closing ends iterations, refuses what comes later, and others go on', async () => {
      const { group, topics, topic } = await aGroup(2, 10)
      const closing = await open()
      const reading = startReading(closing, { group, topics })
      await eventually(() => reading.records.length >= 10, rebalanceMs)
      await closing.close()
      await closing.close()
      await reading.ended
      await expect(closing.append([aRecord(topic)])).rejects.toMatchObject({
        code: 'log-unavailable',
      })
      await log.append(numbered(topic, 10, 7, 10))
      const next = startReading(log, { group, topics })
      await eventually(() => next.records.length >= 10, rebalanceMs)
      expect(numbersOf(next.records)).toEqual(upTo(20).slice(10))
    })

    test('members that join and leave share the partitions; each record is processed', async () => {
      const { group, topics, topic } = await aGroup(6)
      const logs = [log, await open(), await open()]
      const options = { group, topics, maxRecords: 5 }
      const append = async (first: number): Promise<void> => {
        for (let at = first; at < first + 200; at += 20)
          await log.append(numbered(topic, 20, 50, at))
      }
      const shares = (readings: readonly ReturnType<typeof startReading>[]) =>
        readings.map(({ owned }) => owned().length)
      const settled = (readings: readonly ReturnType<typeof startReading>[], sizes: string) =>
        eventually(() => shares(readings).join() === sizes, rebalanceMs)

      const watch = watchCommitted(log, group)
      const one = startReading(log, options)
      await settled([one], '6')
      await append(0)
      const others = logs.slice(1).map((member) => startReading(member, options))
      const all = [one, ...others]
      await Promise.all([settled(all, '2,2,2'), append(200)])
      const owners = all.flatMap(({ owned }) => owned())
      expect([...owners].sort()).toEqual(upTo(6))
      await append(400)
      await Promise.all([one.stop(), append(600)])
      await settled(others, '3,3')
      await eventually(() => isCaughtUp(group), rebalanceMs)
      expect(await watch.movedBack()).toEqual([])

      const numbers = numbersOf(all.flatMap(({ records }) => records))
      expect([...new Set(numbers)]).toEqual(upTo(800))
      // Six partitions moved at most twice: one batch of five for each move.
      expect(numbers.length - 800).toBeLessThanOrEqual(2 * 6 * 5)
      await Promise.all(others.map(({ stop }) => stop()))
      await Promise.all(logs.slice(1).map((member) => member.close()))
    })

    test('what a killed process had been given and not committed goes to another member', async () => {
      const { group, topics, topic } = await aGroup(1, 30)
      const child = startLogChild({ configuration, act: 'hold', topic, group })
      await eventually(() => child.said.length > 0, rebalanceMs)
      const reading = startReading(log, { group, topics })
      await child.end('SIGKILL')
      await eventually(() => reading.records.length >= 30, rebalanceMs)
      expect(numbersOf(reading.records)).toEqual(upTo(30))
      expect(child.said).toEqual([{ values: upTo(30).map(String) }])
    })

    test('processes that work, stop and are killed leave nothing out', async () => {
      const { group, topic } = await aGroup(8)
      const watch = watchCommitted(log, group)
      const task = { configuration, act: 'consume', topic, group } as const
      const children = [startLogChild(task), startLogChild(task), startLogChild(task)]
      await eventually(() => children.every(({ said }) => said.length > 0), rebalanceMs)
      const append = async (first: number): Promise<void> => {
        for (let at = first; at < first + 500; at += 25)
          await log.append(numbered(topic, 25, 50, at))
      }
      await append(0)
      await Promise.all([children[0]?.end('SIGKILL'), append(500)])
      await Promise.all([children[1]?.end('SIGTERM'), append(1000)])
      await eventually(() => isCaughtUp(group), rebalanceMs)
      expect(await watch.movedBack()).toEqual([])
      await Promise.all(children.map(({ end }) => end('SIGTERM')))
      const numbers = children
        .flatMap(({ said }) => said)
        .flatMap((line) => (line as { values?: string[] }).values ?? [])
        .map(Number)
      expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(upTo(1500))
      // One batch of five for each of the eight partitions, when each of the three joins and one is killed.
      expect(numbers.length - 1500).toBeLessThanOrEqual(4 * 8 * 5)
    })
  })
}
