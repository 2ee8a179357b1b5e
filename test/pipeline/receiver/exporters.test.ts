import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
} from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ReceiverRole } from '../../../pipeline/receiver/main.ts'
import { attributeTexts, valueText } from '../../../pipeline/writer/value-text.ts'
import { openReceiver } from '../../support/open-receiver.ts'

// Numbers of OpenTelemetry's API; OTLP counts kinds from 1.
const CLIENT = 2
const ERROR = 2

const grpcUrl = ({ grpcPort }: ReceiverRole): string => `http://127.0.0.1:${grpcPort}`
const httpUrl = ({ httpPort }: ReceiverRole, path: string): string =>
  `http://127.0.0.1:${httpPort}${path}`

afterEach(() => vi.unstubAllEnvs())

describe("OpenTelemetry's own exporters", () => {
  test.each<[string, (receiver: ReceiverRole) => SpanExporter]>([
    ['gRPC', (receiver) => new GrpcTraceExporter({ url: grpcUrl(receiver) })],
    ['gRPC in gzip', (receiver) => new GrpcTraceExporter({ url: grpcUrl(receiver) })],
    [
      'HTTP in protobuf',
      (receiver) => new ProtoTraceExporter({ url: httpUrl(receiver, '/v1/traces') }),
    ],
    [
      'HTTP in JSON and gzip',
      (receiver) => new JsonTraceExporter({ url: httpUrl(receiver, '/v1/traces') }),
    ],
  ])('deliver spans over %s', async (how, open) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', how.endsWith('gzip') ? 'gzip' : 'none')
    const { receiver, spans } = await openReceiver()
    const provider = new TracerProvider({
      spanProcessors: [new BatchSpanProcessor({ exporter: open(receiver) })],
    })
    const tracer = provider.getTracer('test', '1')
    const span = tracer.startSpan('chat m', {
      kind: CLIENT,
      attributes: { 'gen_ai.request.model': 'm', list: ['a', 'b'], ratio: 0.5, n: 3, yes: true },
    })
    span.addEvent('first token', { at: 1 })
    span.setStatus({ code: ERROR, message: 'no answer' })
    span.end()
    await provider.shutdown()
    const { traceId, spanId } = span.spanContext()
    const [stored] = await spans()
    expect(stored).toMatchObject({
      traceId,
      spanId,
      name: 'chat m',
      kind: 3,
      status: { code: 2, message: 'no answer' },
      events: [{ name: 'first token' }],
    })
    expect(attributeTexts(stored?.attributes ?? [])).toEqual({
      'gen_ai.request.model': 'm',
      list: '["a","b"]',
      ratio: '0.5',
      n: '3',
      yes: 'true',
    })
    expect(stored?.endTimeUnixNano).toBeGreaterThanOrEqual(stored?.startTimeUnixNano ?? 0n)
  })

  test.each<[string, (receiver: ReceiverRole) => LogRecordExporter]>([
    ['gRPC', (receiver) => new GrpcLogExporter({ url: grpcUrl(receiver) })],
    [
      'HTTP in protobuf and gzip',
      (receiver) => new ProtoLogExporter({ url: httpUrl(receiver, '/v1/logs') }),
    ],
  ])('deliver log records over %s', async (how, open) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', how.endsWith('gzip') ? 'gzip' : 'none')
    const { receiver, logRecords } = await openReceiver()
    const provider = new LoggerProvider({
      processors: [new BatchLogRecordProcessor({ exporter: open(receiver) })],
    })
    provider.getLogger('test').emit({
      eventName: 'gen_ai.evaluation.result',
      severityNumber: 9,
      body: { role: 'user', parts: [{ content: 'hi' }] },
      attributes: { 'gen_ai.evaluation.score.value': 1 },
    })
    await provider.shutdown()
    const [record] = await logRecords()
    expect(record).toMatchObject({ eventName: 'gen_ai.evaluation.result', severityNumber: 9 })
    expect(record === undefined ? '' : JSON.parse(valueText(record.body))).toEqual({
      role: 'user',
      parts: [{ content: 'hi' }],
    })
  })
})
