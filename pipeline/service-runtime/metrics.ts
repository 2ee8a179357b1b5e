// OpenTelemetry's own metrics SDK and its Prometheus serializer: one instrument, readable by OTLP and by scraping.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { OwnTelemetry } from './own-telemetry.ts'

export type Labels = Readonly<Record<string, string | number>>

/** Self-observation: names are `neosigma.<noun>…`, dots become underscores in Prometheus; labels have few values. */
export interface Metrics {
  /** Adds to a counter. */
  count(name: string, by?: number, labels?: Labels): void
  /** Records a duration or size in a histogram; the unit stands in the name. */
  record(name: string, value: number, labels?: Labels): void
  /** A gauge that is read when scraped. */
  gauge(name: string, read: () => number, labels?: Labels): void
  /** Answers a scrape with Prometheus text. */
  handleScrape(request: IncomingMessage, response: ServerResponse): void
  /** Sends the last values where they are sent. */
  close(): Promise<void>
}

/** They are read by scraping, and sent by OTLP where `sent` says so. */
export const openMetrics = (sent: OwnTelemetry | null = null): Metrics => {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider(
    sent === null
      ? { readers: [exporter], resource: resourceFromAttributes({ 'service.name': 'neosigma' }) }
      : { readers: [exporter, otlpReader(sent)], resource: sent.resource },
  )
  const meter = provider.getMeter('neosigma')
  const counters = new Map<string, ReturnType<typeof meter.createCounter>>()
  const histograms = new Map<string, ReturnType<typeof meter.createHistogram>>()
  const known = <T>(map: Map<string, T>, name: string, create: (name: string) => T): T => {
    const found = map.get(name) ?? create(name)
    map.set(name, found)
    return found
  }
  return {
    count: (name, by = 1, labels = {}) =>
      known(counters, name, (n) => meter.createCounter(n)).add(by, labels),
    record: (name, value, labels = {}) =>
      known(histograms, name, (n) => meter.createHistogram(n)).record(value, labels),
    gauge: (name, read, labels = {}) =>
      meter.createObservableGauge(name).addCallback((result) => result.observe(read(), labels)),
    handleScrape: (request, response) => exporter.getMetricsRequestHandler(request, response),
    close: () => provider.shutdown(),
  }
}

const otlpReader = ({
  endpoint,
  intervalMs,
  timeoutMs,
}: OwnTelemetry): PeriodicExportingMetricReader =>
  new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({
      url: `${endpoint}/v1/metrics`,
      timeoutMillis: timeoutMs,
    }),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
  })
