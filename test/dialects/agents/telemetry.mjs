import { context, logs, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

/** OpenTelemetry's own SDK, sending spans and logs to `OTEL_EXPORTER_OTLP_ENDPOINT` as they end. */
const resource = resourceFromAttributes({ 'service.name': 'desk-service' })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

export const traces = new TracerProvider({
  resource,
  spanProcessors: [new SimpleSpanProcessor({ exporter: new OTLPTraceExporter() })],
})
trace.setGlobalTracerProvider(traces)

export const logRecords = new LoggerProvider({
  resource,
  processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter() })],
})
logs?.setGlobalLoggerProvider(logRecords)

export const sendAll = async () => {
  await traces.shutdown()
  await logRecords.shutdown()
}
