import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventLog, NewRecord } from '../../../pipeline/event-log/event-log.ts'
import { followTopic } from '../../../pipeline/event-log/follow-topic.ts'
import { openSqliteEventLog } from '../../../pipeline/event-log/sqlite-event-log.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { encodeEvent } from '../../../schemas/cloud-event.ts'
import { TOPICS } from '../../../schemas/topics.ts'
import { aRecord, eventually, testServices, upTo } from '../../support/log-reading.ts'
import { counterOf } from '../../support/scrape.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const TOPIC = TOPICS.signals
const time = '2026-01-01T00:00:00.000Z'

const signals = (count: number, first = 0): NewRecord[] =>
  upTo(count).map((i) => {
    const id = String(first + i)
    const data = { id, name: 'tests_passed', type: 'downstream', value: 1, at: time }
    return encodeEvent(TOPIC, data, { id, source: '/test', time, key: 'one-key' })
  })

describe('a view of a topic', () => {
  const base = testServices()
  let remove: () => void
  let log: EventLog
  beforeEach(async () => {
    const temporary = temporaryFolder()
    remove = temporary.remove
    log = openSqliteEventLog({ dataDir: temporary.folder, maxBytes: 1e9 }, base)
    await log.createTopics([TOPIC])
  })
  afterEach(async () => {
    await log.close()
    remove()
  })

  const follow = () => {
    const stopping = new AbortController()
    const seen: string[] = []
    const view = followTopic(
      { ...base, log },
      {
        topic: TOPIC,
        consumer: 'test',
        signal: stopping.signal,
        onEvent: ({ id }) => seen.push(id),
      },
    )
    const stop = async (): Promise<void> => {
      stopping.abort()
      await view.ended
    }
    return { ...view, seen, stop }
  }
  const ids = (count: number): string[] => upTo(count).map(String)

  test('has seen everything when it has caught up, then what comes, each event once and in order', async () => {
    await log.append(signals(700))
    const view = follow()
    await view.caughtUp
    expect(view.seen).toEqual(ids(700))
    await log.append(signals(50, 700))
    await eventually(() => view.seen.length >= 750)
    await view.stop()
    expect(view.seen).toEqual(ids(750))
  })

  test('passes what does not decode, and is built anew at each start', async () => {
    await log.append([...signals(2), aRecord(TOPIC.name, { key: 'one-key' }), ...signals(1, 2)])
    for (let start = 0; start < 2; start += 1) {
      const view = follow()
      await view.caughtUp
      await view.stop()
      expect(view.seen).toEqual(ids(3))
    }
  })

  test('two views of one process each see everything', async () => {
    const views = [follow(), follow()]
    await Promise.all(views.map(({ caughtUp }) => caughtUp))
    await log.append(signals(20))
    await eventually(() => views.every(({ seen }) => seen.length >= 20))
    await Promise.all(views.map(({ stop }) => stop()))
    for (const { seen } of views) expect(seen).toEqual(ids(20))
  })

  test('an event that the one who looks cannot take is told and skipped, since it would end every start', async () => {
    await log.append(signals(3))
    const stopping = new AbortController()
    const seen: string[] = []
    const { logger, lines } = keptLogger()
    const metrics = openMetrics()
    const view = followTopic(
      { ...base, logger, metrics, log },
      {
        topic: TOPIC,
        consumer: 'test',
        signal: stopping.signal,
        onEvent: ({ id }) => {
          if (id === '1') throw new Error('the view is broken')
          seen.push(id)
        },
      },
    )
    await view.caughtUp
    stopping.abort()
    await view.ended
    expect(seen).toEqual(['0', '2'])
    expect(lines()).toMatchObject([{ level: 50, err: { message: 'the view is broken' } }])
    expect(await counterOf(metrics, 'neosigma.view.skipped')).toBe(1)
  })
})

const keptLogger = () => {
  const kept: string[] = []
  return {
    logger: pino({ level: 'warn' }, { write: (line) => void kept.push(line) }),
    lines: (): unknown[] => kept.map((line) => JSON.parse(line)),
  }
}
