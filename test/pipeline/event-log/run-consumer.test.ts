import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventLog } from '../../../pipeline/event-log/event-log.ts'
import { runConsumer } from '../../../pipeline/event-log/run-consumer.ts'
import { openSqliteEventLog } from '../../../pipeline/event-log/sqlite-event-log.ts'
import { decodeEvent } from '../../../schemas/cloud-event.ts'
import { InvariantError, TransientError } from '../../../schemas/errors.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { firstBatch, numbered, numbersOf, testServices, upTo } from '../../support/log-reading.ts'
import { skippingClock } from '../../support/skipping-clock.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const away = (retryAfterMs?: number) =>
  new TransientError(
    'store-unavailable',
    'away',
    retryAfterMs === undefined ? {} : { retryAfterMs },
  )

describe('a running consumer', () => {
  const base = testServices()
  let remove: () => void
  let log: EventLog
  let clock: ReturnType<typeof skippingClock>
  let stopping: AbortController
  beforeEach(async () => {
    const temporary = temporaryFolder()
    remove = temporary.remove
    log = openSqliteEventLog({ dataDir: temporary.folder, maxBytes: 1e9 }, base)
    await log.createTopics([{ name: 't', partitions: 1, retentionHours: null }])
    await log.append(numbered('t', 30))
    clock = skippingClock()
    stopping = new AbortController()
  })
  afterEach(async () => {
    await log.close()
    remove()
  })

  const options = () => ({ group: 'g', topics: ['t'], maxRecords: 10, signal: stopping.signal })

  test('an error that passes keeps the place: the same batch is handled again after growing pauses', async () => {
    const seen: number[][] = []
    let failures = 12
    await runConsumer({ ...base, log, clock }, options(), async (batch) => {
      seen.push(numbersOf(batch.records))
      if (seen.length >= 2 && failures > 0) {
        failures -= 1
        throw away()
      }
      await batch.commit()
      if (batch.records.at(-1)?.offset === 29n) stopping.abort()
    })
    expect(seen).toHaveLength(15)
    expect(seen.slice(1, 14).every(([first]) => first === 10)).toBe(true)
    expect(seen.at(-1)).toEqual(upTo(30).slice(20))
    const pauses = clock.sleptMs.reduce((sum, ms) => sum + ms, 0)
    // 0.2, 0.4, … 12.8 s, then 15 s each.
    expect(pauses).toBe(200 * 127 + 5 * 15_000)
    expect(Math.max(...clock.sleptMs)).toBeLessThanOrEqual(2000)
  })

  test('the pause is at least what the error asks for', async () => {
    let failed = false
    await runConsumer({ ...base, log, clock }, options(), async () => {
      if (failed) return stopping.abort()
      failed = true
      throw away(30_000)
    })
    expect(clock.sleptMs.reduce((sum, ms) => sum + ms, 0)).toBe(30_000)
  })

  test('whoever sets offsets back again and again finds nothing that was not finished', async () => {
    await log.createTopics([TOPICS.attempts])
    const options = { group: 'g', topics: ['t'], signal: stopping.signal }
    await runConsumer({ ...base, log, clock }, options, async (batch) => {
      await batch.commit()
      if (batch.records.at(-1)?.offset === 29n) stopping.abort()
    })
    const states = new Map<string, string>()
    for await (const record of log.readAll(TOPICS.attempts.name)) {
      const note = decodeEvent(TOPICS.attempts, record)
      states.set(note.id, note.state)
    }
    expect([...states.values()]).toEqual(['over'])
  })

  test('a signal during a pause ends the loop with the batch uncommitted', async () => {
    await runConsumer({ ...base, log, clock }, options(), async () => {
      stopping.abort()
      throw away()
    })
    const next = await firstBatch(log, { group: 'g', topics: ['t'] })
    expect(numbersOf(next.batch.records)).toEqual(upTo(30))
    await next.leave()
  })

  test('a broken invariant ends the loop with the batch uncommitted, and the partition is given back', async () => {
    const broken = new InvariantError('invariant-broken', 'two is three')
    const running = runConsumer({ ...base, log, clock }, options(), async (batch) => {
      if (batch.records[0]?.offset === 10n) throw broken
      await batch.commit()
    })
    await expect(running).rejects.toBe(broken)
    const next = await firstBatch(log, { group: 'g', topics: ['t'], maxRecords: 10 })
    expect(numbersOf(next.batch.records)).toEqual(upTo(20).slice(10))
    await next.leave()
  })
})
