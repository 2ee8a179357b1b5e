import { TraceFlags } from '@opentelemetry/api'
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { openBatch } from './batch.ts'
import { type RedactValue, redactLogRecord, redactSpan } from './redact-records.ts'
import type { Sender } from './sender.ts'

const SEND_EVERY_MS = 500
const MOST_ITEMS = 512

export interface SendingProcessors {
  readonly spans: SpanProcessor
  readonly logs: LogRecordProcessor
  /** Hands everything to the sender before it returns. */
  flush(): void
}

/** Redacts, encodes and hands over what ended, every half second. */
export const sendingProcessors = (
  sender: Sender,
  redactions: readonly RedactValue[],
): SendingProcessors => {
  const spans = openBatch<ReadableSpan>({
    everyMs: SEND_EVERY_MS,
    maxItems: MOST_ITEMS,
    handOver: (batch) => {
      const redacted = batch.map((span) => redactions.reduce(redactSpan, span))
      const body = ProtobufTraceSerializer.serializeRequest(redacted)
      if (body !== undefined) sender.send('traces', body)
    },
  })
  const logs = openBatch<ReadableLogRecord>({
    everyMs: SEND_EVERY_MS,
    maxItems: MOST_ITEMS,
    handOver: (batch) => {
      const redacted = batch.map((record) => redactions.reduce(redactLogRecord, record))
      const body = ProtobufLogsSerializer.serializeRequest(redacted)
      if (body !== undefined) sender.send('logs', body)
    },
  })
  const flushSpans = async (): Promise<void> => spans.flush()
  const flushLogs = async (): Promise<void> => logs.flush()
  return {
    spans: {
      onStart: () => sender.warmUp(),
      onEnd: (span) => {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) spans.add(span)
      },
      forceFlush: flushSpans,
      shutdown: flushSpans,
    },
    logs: {
      onEmit: (record) => {
        sender.warmUp()
        logs.add(record)
      },
      forceFlush: flushLogs,
      shutdown: flushLogs,
    },
    flush: () => {
      spans.flush()
      logs.flush()
    },
  }
}
