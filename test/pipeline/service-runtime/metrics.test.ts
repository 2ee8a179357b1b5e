import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { openMetrics } from '../../../pipeline/service-runtime/metrics.ts'

test('a scrape answers with counters, histograms and gauges as Prometheus reads them', async () => {
  const metrics = openMetrics()
  const server = createServer((request, response) => metrics.handleScrape(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.close()
    await metrics.close()
  })
  let waiting = 1
  metrics.count('neosigma.test.records', 2, { group: 'a' })
  metrics.count('neosigma.test.records', 3, { group: 'a' })
  metrics.count('neosigma.test.records')
  metrics.record('neosigma.test.duration.ms', 12)
  metrics.gauge('neosigma.test.waiting', () => waiting, { queue: 'q' })
  waiting = 7
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  const text = await response.text()
  expect(response.headers.get('content-type')).toContain('text/plain')
  expect(text).toMatch(/^neosigma_test_records_total\{.*group="a".*\} 5\b/m)
  expect(text).toMatch(/^neosigma_test_records_total(\{[^}]*\})? 1\b/m)
  expect(text).toMatch(/^neosigma_test_duration_ms_count(\{[^}]*\})? 1\b/m)
  expect(text).toMatch(/^neosigma_test_waiting\{.*queue="q".*\} 7\b/m)
})
