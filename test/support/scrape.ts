import type { Metrics } from '../../pipeline/service-runtime/metrics.ts'

/** Prometheus text of the metrics, as a scrape reads it. */
export const scrape = (metrics: Metrics): Promise<string> =>
  new Promise((resolve) => {
    const response = { statusCode: 200, setHeader: () => response, end: resolve }
    metrics.handleScrape({} as never, response as never)
  })

/** Sum of a counter over all series that carry these labels. Dots of its name are underscores. */
export const counterOf = async (
  metrics: Metrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> =>
  (await scrape(metrics))
    .split('\n')
    .filter(
      (line) =>
        line.startsWith(`${name.replaceAll('.', '_')}_total`) &&
        Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
    )
    .reduce((sum, line) => sum + Number(/ ([\d.e+]+)( \d+)?$/.exec(line)?.[1] ?? 0), 0)
