import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openEngines } from '../../../deploy/embedded/engines.ts'
import { configuration } from '../../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../../pipeline/service-runtime/secrets.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('an engine that is away is waited for, although the clock is put forward by an hour meanwhile', async () => {
  const { folder, remove } = temporaryFolder()
  onTestFinished(remove)
  const closers = new AsyncDisposableStack()
  const stopping = new AbortController()
  const reasons: string[] = []
  let nowMs = 0
  const opening = openEngines(
    {
      configuration: configuration.parse({
        dataDir: folder,
        traceStore: { driver: 'clickhouse', url: 'http://127.0.0.1:1' },
      }),
      secrets: NO_SECRETS,
      logger: pino({ level: 'silent' }),
      metrics: openMetrics(),
      withStore: true,
      signal: stopping.signal,
      clock: {
        nowMs: () => {
          nowMs += 3_600_000
          return nowMs
        },
        sleep: async () => {
          if (reasons.length > 4) stopping.abort()
        },
      },
      onStep: (reason) => reasons.push(reason),
    },
    closers,
  )
  await expect(opening).rejects.toMatchObject({ code: 'store-unavailable' })
  await closers.disposeAsync()
  expect(reasons.length).toBeGreaterThan(4)
})
