import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventLog } from '../../../../pipeline/event-log/event-log.ts'
import { openLogFile } from '../../../../pipeline/event-log/sqlite/log-file.ts'
import { openRetention } from '../../../../pipeline/event-log/sqlite/retention.ts'
import { openSqliteEventLog } from '../../../../pipeline/event-log/sqlite-event-log.ts'
import {
  aRecord,
  firstBatch,
  numbered,
  startReading,
  testServices,
  textOf,
} from '../../../support/log-reading.ts'
import { skippingClock } from '../../../support/skipping-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const HOUR_MS = 3_600_000

describe('what the file keeps', () => {
  const clock = skippingClock()
  const services = { ...testServices(), clock }
  let folder: string
  let remove: () => void
  let log: EventLog
  beforeEach(async () => {
    ;({ folder, remove } = temporaryFolder())
    log = openSqliteEventLog({ dataDir: folder, maxBytes: 1e9 }, services)
    await log.createTopics([
      { name: 'day', partitions: 2, retentionHours: 24 },
      { name: 'ever', partitions: 1, retentionHours: null },
    ])
  })
  afterEach(async () => {
    await log.close()
    remove()
  })

  /** What the log does once a minute, now. */
  const expire = async (): Promise<void> => {
    const file = openLogFile(join(folder, 'event-log.sqlite'), 1e9)
    const retention = openRetention(file, services)
    await retention.run()
    await retention.close()
    file.close()
  }
  const valuesOf = async (topic: string): Promise<readonly string[]> => {
    const values: string[] = []
    for await (const record of log.readAll(topic)) values.push(textOf(record))
    return values
  }

  test('records older than their topic keeps are deleted, younger ones and other topics stay', async () => {
    await log.append([...numbered('day', 1200, 1), ...numbered('ever', 10)])
    clock.advance(23 * HOUR_MS)
    await log.append(numbered('day', 5, 1, 2000))
    await expire()
    expect(await valuesOf('day')).toHaveLength(1205)
    clock.advance(2 * HOUR_MS)
    await expire()
    expect(await valuesOf('day')).toEqual(['2000', '2001', '2002', '2003', '2004'])
    expect(await valuesOf('ever')).toHaveLength(10)
  })

  test('the time that counts is the time of the append, not the one that the record carries', async () => {
    await log.append([aRecord('day', { timestampMs: 0 })])
    await expire()
    expect(await valuesOf('day')).toHaveLength(1)
  })

  test('a clock that was set back deletes nothing that is younger than it should be', async () => {
    await log.append([aRecord('day', { value: Buffer.from('from ahead') })])
    clock.advance(-10 * HOUR_MS)
    await log.append([aRecord('day', { value: Buffer.from('from behind') })])
    clock.advance(10 * HOUR_MS + 20 * HOUR_MS)
    await expire()
    expect(await valuesOf('day')).toEqual(['from ahead', 'from behind'])
  })

  test('offsets go on after everything was deleted, and a group passes the gap', async () => {
    await log.append(numbered('day', 20, 1))
    const options = { group: 'g', topics: ['day'], maxRecords: 5 }
    const { batch, leave } = await firstBatch(log, options)
    await batch.commit()
    await leave()
    clock.advance(25 * HOUR_MS)
    await expire()
    await log.append(numbered('day', 2, 1, 20))
    const next = await firstBatch(log, options)
    expect(next.batch.records.map(({ offset }) => offset)).toEqual([20n, 21n])
    expect(next.batch.records.map(textOf)).toEqual(['20', '21'])
    await next.leave()
  })

  test('a group of a view that committed nothing is forgotten, one that committed is not', async () => {
    await log.append(numbered('ever', 10))
    const committing = startReading(log, { group: 'kept', topics: ['ever'] })
    const view = await firstBatch(log, { group: 'view', topics: ['ever'] })
    await expire()
    expect(await log.lag('view')).toHaveLength(1)
    await view.leave()
    await committing.stop()
    await expire()
    expect(await log.lag('view')).toEqual([])
    expect(await log.lag('kept')).toHaveLength(1)
  })

  test('the write-ahead file stays small while one writes and another reads', async () => {
    const reading = startReading(log, { group: 'g', topics: ['day'] })
    const value = Buffer.alloc(64 * 1024)
    let largest = 0
    for (let i = 0; i < 60; i += 1) {
      await log.append(Array.from({ length: 50 }, () => aRecord('day', { key: null, value })))
      const wal = join(folder, 'event-log.sqlite-wal')
      largest = Math.max(largest, existsSync(wal) ? statSync(wal).size : 0)
    }
    // 187 MiB went through it.
    expect(largest).toBeLessThan(80 * 1024 * 1024)
    await reading.stop()
  })
})
