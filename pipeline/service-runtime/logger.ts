import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { Configuration } from './configuration.ts'

/** Fields that may hold what must not be written, wherever an object of one level carries them. */
const REDACTED_FIELDS = ['password', 'apiKey', 'authorization', 'headers.authorization', 'token']

/** JSON lines on standard error, so that standard output stays the answer of a command. */
export const openLogger = (
  { logLevel }: Pick<Configuration, 'logLevel'>,
  stream: DestinationStream = destination({ fd: 2, sync: true }),
): Logger =>
  pino(
    {
      level: logLevel,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: REDACTED_FIELDS.flatMap((field) => [field, `*.${field}`]),
        censor: '[redacted]',
      },
    },
    stream,
  )
