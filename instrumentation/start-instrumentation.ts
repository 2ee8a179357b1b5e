import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as HttpLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import type { Identity } from './identity.ts'
import { CurrentOpenAIInstrumentation } from './openai-instrumentation.ts'
import type { Redact } from './redact.ts'
import { redactingLogExporter, redactingSpanExporter } from './redacting-exporter.ts'
import { stampingProcessors } from './stamping-processor.ts'

export interface InstrumentationOptions {
  /** Stamped on everything that does not say otherwise. */
  readonly identity?: Identity
  /** False: messages to and from models stay in the process. Default true. */
  readonly captureContent?: boolean
  /** Applied to every text before it leaves the process. */
  readonly redact?: Redact
  /** Default gRPC. Endpoint, headers and the rest are the OTel SDK's own variables. */
  readonly protocol?: 'grpc' | 'http/protobuf'
  /** Further instrumentations to start with it. */
  readonly instrumentations?: readonly Instrumentation[]
}

export interface RunningInstrumentation {
  /** Sends what is left; gives up after `timeoutMs`. Never rejects. */
  stop(timeoutMs?: number): Promise<void>
}

const SEND_EVERY_MS = 500
const LONGEST_STOP_MS = 1500

/** Starts traces and logs over OTLP with `openai` instrumented. Never throws: an agent runs on without telemetry. */
export const startInstrumentation = (
  options: InstrumentationOptions = {},
): RunningInstrumentation => {
  try {
    const sdk = new NodeSDK({
      ...processorsOf(options),
      metricReaders: [],
      instrumentations: [
        new CurrentOpenAIInstrumentation({
          captureMessageContent: options.captureContent ?? true,
        }),
        ...(options.instrumentations ?? []),
      ],
    })
    sdk.start()
    return { stop: (timeoutMs = LONGEST_STOP_MS) => within(timeoutMs, sdk.shutdown()) }
  } catch (error) {
    process.emitWarning(`NeoSigma instrumentation did not start: ${String(error)}`)
    return { stop: async () => {} }
  }
}

const processorsOf = ({ identity = {}, redact, protocol = 'grpc' }: InstrumentationOptions) => {
  const grpc = protocol === 'grpc'
  const spanExporter = grpc ? new GrpcTraceExporter() : new HttpTraceExporter()
  const logExporter = grpc ? new GrpcLogExporter() : new HttpLogExporter()
  const stamping = stampingProcessors(identity)
  return {
    spanProcessors: [
      stamping.spans,
      new BatchSpanProcessor({
        exporter: redact === undefined ? spanExporter : redactingSpanExporter(spanExporter, redact),
        scheduledDelayMillis: SEND_EVERY_MS,
        maxQueueSize: 8192,
      }),
    ],
    logRecordProcessors: [
      stamping.logs,
      new BatchLogRecordProcessor({
        exporter: redact === undefined ? logExporter : redactingLogExporter(logExporter, redact),
        scheduledDelayMillis: SEND_EVERY_MS,
        maxQueueSize: 16_384,
      }),
    ],
  }
}

const within = (timeoutMs: number, work: Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    work
      .catch(() => {})
      .finally(() => {
        clearTimeout(timer)
        resolve()
      })
  })
