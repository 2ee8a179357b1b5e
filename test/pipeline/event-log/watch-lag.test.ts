import { expect, onTestFinished, test, vi } from 'vitest'
import { openSqliteEventLog } from '../../../pipeline/event-log/sqlite-event-log.ts'
import { watchLag } from '../../../pipeline/event-log/watch-lag.ts'
import { firstBatch, numbered, testServices } from '../../support/log-reading.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('what a group has not committed is a gauge of each topic', async () => {
  const { folder, remove } = temporaryFolder()
  const services = testServices()
  const log = openSqliteEventLog({ dataDir: folder, maxBytes: 1e9 }, services)
  onTestFinished(async () => {
    await log.close()
    remove()
  })
  await log.createTopics([{ name: 't', partitions: 2, retentionHours: null }])
  await log.append(numbered('t', 30))
  const first = await firstBatch(log, { group: 'g', topics: ['t'], maxRecords: 4 })
  await first.batch.commit()
  await first.leave()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const gauges: string[] = []
  const metrics = {
    ...services.metrics,
    gauge: (name: string, read: () => number, labels = {}) =>
      void gauges.push(`${name} ${JSON.stringify(labels)} ${read()}`),
  }
  const stopping = new AbortController()
  const options = { group: 'g', topics: ['t'], signal: stopping.signal }
  const watching = watchLag({ ...services, metrics, log }, options)
  await vi.advanceTimersByTimeAsync(25_000)
  stopping.abort()
  await watching
  expect(gauges).toEqual(['neosigma.consumer.lag {"group":"g","topic":"t"} 26'])
})
