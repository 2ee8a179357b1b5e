import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import type { DestinationStream } from 'pino'
import type { OwnTelemetry } from './own-telemetry.ts'

/** Takes the logger's lines, in which secrets are redacted already, and sends them as OTLP log records. */
export interface OtlpLogStream extends DestinationStream {
  /** Sends what is waiting. */
  close(): Promise<void>
}

/** OpenTelemetry's numbers of pino's levels. */
const SEVERITIES = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const
type Level = keyof typeof SEVERITIES

interface LogLine {
  readonly level: Level
  readonly time: string
  readonly msg?: string
  readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string }
  readonly [field: string]: unknown
}

/** What cannot be sent is dropped after the exporter's own tries: the lines on standard error are the complete ones. */
export const openOtlpLogStream = ({
  endpoint,
  intervalMs,
  timeoutMs,
  resource,
}: OwnTelemetry): OtlpLogStream => {
  const exporter = new OTLPLogExporter({ url: `${endpoint}/v1/logs`, timeoutMillis: timeoutMs })
  const processor = new BatchLogRecordProcessor({
    exporter,
    scheduledDelayMillis: intervalMs,
    exportTimeoutMillis: timeoutMs,
  })
  const provider = new LoggerProvider({ resource, processors: [processor] })
  const logger = provider.getLogger('neosigma')
  return {
    write: (line) => {
      const { level, time, msg = '', err, ...fields } = JSON.parse(line) as LogLine
      logger.emit({
        timestamp: new Date(time),
        severityNumber: SEVERITIES[level],
        severityText: level,
        body: msg,
        attributes: { ...textFields(fields), ...exceptionFields(err) },
      })
    },
    close: () => provider.shutdown(),
  }
}

const textFields = (fields: Readonly<Record<string, unknown>>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )

const exceptionFields = (error: LogLine['err']): Record<string, string> =>
  error === undefined
    ? {}
    : {
        'exception.type': error.type ?? '',
        'exception.message': error.message ?? '',
        'exception.stacktrace': error.stack ?? '',
      }
