import { pino } from 'pino'
import { openEventLog } from '../../pipeline/event-log/open-event-log.ts'
import { decodeLogs, decodeTraces } from '../../pipeline/otlp/decode.ts'
import type { AnyValue, KeyValue } from '../../pipeline/otlp/otlp-types.ts'
import { startReceiver } from '../../pipeline/receiver/main.ts'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openMetrics } from '../../pipeline/service-runtime/metrics.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface SunkSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number
  readonly statusMessage: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface SunkLog {
  readonly event: string
  readonly traceId: string
  readonly spanId: string
  readonly body: unknown
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface OtlpSink {
  readonly grpcPort: number
  readonly httpPort: number
  spans(): Promise<readonly SunkSpan[]>
  logs(): Promise<readonly SunkLog[]>
  close(): Promise<void>
}

/** The receiver on the embedded log, and what it took: any port, no store. */
export const openOtlpSink = async (ports = { grpcPort: 0, httpPort: 0 }): Promise<OtlpSink> => {
  const { folder, remove } = temporaryFolder()
  const settings = configuration.parse({ dataDir: folder, receiver: ports })
  const services = { clock: systemClock, logger: pino({ level: 'silent' }), metrics: openMetrics() }
  const log = await openEventLog(settings, NO_SECRETS, services)
  await log.createTopics(Object.values(TOPICS))
  const receiver = await startReceiver({ configuration: settings, log, ...services })
  const values = async (topic: string): Promise<readonly Uint8Array[]> => {
    const all: Uint8Array[] = []
    for await (const record of log.readAll(topic)) all.push(record.value)
    return all
  }
  return {
    grpcPort: receiver.grpcPort,
    httpPort: receiver.httpPort,
    spans: async () => (await values(TOPICS.spans.name)).flatMap(spansIn),
    logs: async () => (await values(TOPICS.logs.name)).flatMap(logsIn),
    close: async () => {
      await receiver.stop()
      await log.close()
      await services.metrics.close()
      remove()
    },
  }
}

const spansIn = (bytes: Uint8Array): readonly SunkSpan[] =>
  decodeTraces(bytes).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, status, attributes }) => ({
        name,
        traceId,
        spanId,
        parentSpanId,
        statusCode: status.code,
        statusMessage: status.message,
        attributes: { ...plainOf(resource.attributes), ...plainOf(attributes) },
      })),
    ),
  )

const logsIn = (bytes: Uint8Array): readonly SunkLog[] =>
  decodeLogs(bytes).resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map(({ eventName, traceId, spanId, body, attributes }) => {
        const plain = plainOf(attributes)
        const event = eventName === '' ? String(plain['event.name'] ?? '') : eventName
        return { event, traceId, spanId, body: plainValue(body), attributes: plain }
      }),
    ),
  )

const plainOf = (attributes: readonly KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))

const plainValue = (value: AnyValue): unknown => {
  switch (value.kind) {
    case 'empty':
      return null
    case 'array':
      return value.values.map(plainValue)
    case 'kvlist':
      return plainOf(value.values)
    case 'int':
      return Number(value.value)
    default:
      return value.value
  }
}
