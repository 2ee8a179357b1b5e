import { destination, type Logger } from 'pino'
import type { Configuration } from '../../pipeline/service-runtime/configuration.ts'
import { openLogger } from '../../pipeline/service-runtime/logger.ts'
import { openOtlpLogStream } from '../../pipeline/service-runtime/otlp-log-stream.ts'
import { ownTelemetry } from '../../pipeline/service-runtime/own-telemetry.ts'

/** The logger of a process that stays: lines on standard error, and sent by OTLP where that is configured. */
export const withLogger = async (
  configuration: Configuration,
  roles: readonly string[],
  use: (logger: Logger) => Promise<void>,
): Promise<void> => {
  const sent = ownTelemetry(configuration, roles)
  if (sent === null) return use(openLogger(configuration))
  const lines = destination({ fd: 2, sync: true })
  const records = openOtlpLogStream(sent)
  const both = {
    write: (line: string): void => {
      lines.write(line)
      records.write(line)
    },
  }
  try {
    await use(openLogger(configuration, both))
  } finally {
    await records.close()
  }
}
