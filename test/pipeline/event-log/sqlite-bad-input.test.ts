import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSqliteEventLog } from '../../../pipeline/event-log/sqlite-event-log.ts'
import { ConfigError, TransientError } from '../../../schemas/errors.ts'
import {
  aRecord,
  eventually,
  startReading,
  testServices,
  textOf,
} from '../../support/log-reading.ts'
import { startLogChild } from '../../support/start-log-child.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const MIB = 1024 * 1024

const aFolder = (): string => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  return folder
}

const open = (dataDir: string, maxBytes = 1e9) =>
  openSqliteEventLog({ dataDir, maxBytes }, testServices())

const errorOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('a data folder that cannot be used', () => {
  test('a path through a file is named in the error', () => {
    const file = join(aFolder(), 'file')
    writeFileSync(file, '')
    const error = errorOf(() => open(join(file, 'data')))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'data-folder-unusable' })
    expect(String(error)).toContain(file)
  })

  test('a folder that must not be written', () => {
    const folder = aFolder()
    // A folder in place of the file: refused whoever runs the test, root included.
    mkdirSync(join(folder, 'event-log.sqlite'))
    expect(errorOf(() => open(folder))).toMatchObject({ code: 'data-folder-unusable' })
  })

  test('a file that is no database', () => {
    const folder = aFolder()
    writeFileSync(
      join(folder, 'event-log.sqlite'),
      'This is not a database, and long enough.'.repeat(99),
    )
    expect(errorOf(() => open(folder))).toMatchObject({ code: 'data-folder-unusable' })
  })

  test('a file of a newer version', async () => {
    const folder = aFolder()
    await open(folder).close()
    const db = new DatabaseSync(join(folder, 'event-log.sqlite'))
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(errorOf(() => open(folder))).toMatchObject({ code: 'store-newer' })
  })

  test('a file that another process holds locked answers that it is to be tried again', async () => {
    const folder = aFolder()
    const log = open(folder)
    await log.createTopics([{ name: 't', partitions: 1, retentionHours: null }])
    const db = new DatabaseSync(join(folder, 'event-log.sqlite'))
    db.exec('BEGIN IMMEDIATE')
    await expect(log.append([aRecord('t')])).rejects.toMatchObject({ code: 'log-unavailable' })
    db.exec('ROLLBACK')
    db.close()
    await log.append([aRecord('t')])
    await log.close()
  })
})

/** Fills a log until it is full, then shows that nothing acknowledged is lost and that groups go on. */
const fillUp = async (folder: string, maxBytes: number): Promise<void> => {
  const log = open(folder, maxBytes)
  await log.createTopics([{ name: 't', partitions: 3, retentionHours: null }])
  const acknowledged: string[] = []
  const value = (i: number) => Buffer.from(`${i}`.padEnd(64 * 1024))
  let refused: unknown = null
  for (let i = 0; refused === null && i < 10_000; i += 1)
    try {
      await log.append([aRecord('t', { key: `k${i}`, value: value(i) })])
      acknowledged.push(String(i))
    } catch (error) {
      refused = error
    }
  expect(refused).toBeInstanceOf(TransientError)
  expect(refused).toMatchObject({ code: 'log-full', retryAfterMs: expect.any(Number) })
  expect(acknowledged.length).toBeGreaterThan(10)
  const stored = async (from: typeof log) => {
    const values: string[] = []
    for await (const record of from.readAll('t')) values.push(textOf(record).trim())
    return values.sort((a, b) => Number(a) - Number(b))
  }
  expect(await stored(log)).toEqual(acknowledged)
  await log.close()
  const again = open(folder, maxBytes)
  expect(await stored(again)).toEqual(acknowledged)
  await expect(again.append([aRecord('t', { value: value(0) })])).rejects.toMatchObject({
    code: 'log-full',
  })
  await again.close()
}

describe('a log without room', () => {
  test('answers log-full at its quota and loses nothing that it acknowledged', async () => {
    await fillUp(aFolder(), 4 * MIB)
  })

  test('lets its consumers commit, and takes records again when the quota is raised', async () => {
    const folder = aFolder()
    await fillUp(folder, 4 * MIB)
    const log = open(folder, 4 * MIB)
    const group = randomUUID()
    const reading = startReading(log, { group, topics: ['t'], maxRecords: 10 })
    const isCaughtUp = async () => (await log.lag(group)).every((p) => p.committed === p.end)
    await eventually(async () => reading.records.length > 10 && (await isCaughtUp()))
    await reading.stop()
    await log.close()
    const larger = open(folder, 8 * MIB)
    await larger.append([aRecord('t', { value: Buffer.alloc(64 * 1024) })])
    await larger.close()
  })

  test('answers the same on a disk that is really full', async ({ skip }) => {
    const folder = aFolder()
    const mounted = errorOf(() =>
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder], { stdio: 'pipe' }),
    )
    if (mounted instanceof Error) {
      process.stderr.write('\n*** did not run: a full disk needs the right to mount a tmpfs\n\n')
      skip()
    }
    try {
      await fillUp(folder, 1e9)
    } finally {
      execFileSync('umount', [folder])
    }
  })
})

describe('a process that is killed while it appends', () => {
  test.each([0, 40_000])('has stored what it said (values of %i bytes)', async (bytes) => {
    const folder = aFolder()
    const log = open(folder)
    await log.createTopics([{ name: 't', partitions: 4, retentionHours: null }])
    const configuration = { dataDir: folder, eventLog: { driver: 'sqlite' } } as const
    const acknowledged: unknown[][] = []
    for (const atLeast of [1, 57, 200]) {
      const child = startLogChild({ configuration, act: 'append', topic: 't', bytes })
      await eventually(() => child.said.length >= atLeast)
      await child.end('SIGKILL')
      acknowledged.push(child.said)
    }
    const stored = new Map<string, number>()
    for await (const record of log.readAll('t')) {
      const number = textOf(record).trim()
      stored.set(number, (stored.get(number) ?? 0) + 1)
    }
    const times = (number: string): number =>
      acknowledged.filter((said) => said.map(String).includes(number)).length
    for (const number of new Set(acknowledged.flat().map(String)))
      expect(stored.get(number) ?? 0).toBeGreaterThanOrEqual(times(number))
    await log.close()
  })
})
