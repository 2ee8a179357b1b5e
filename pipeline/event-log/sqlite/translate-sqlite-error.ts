import {
  ConfigError,
  InvariantError,
  NeoSigmaError,
  TransientError,
} from '../../../schemas/errors.ts'

// https://www.sqlite.org/rescode.html; the low byte is the primary code.
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

const primaryCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null

/** What the callers of the event log can act on. Errors of the table pass through. */
export const translateSqliteError = (error: unknown): unknown => {
  if (error instanceof NeoSigmaError) return error
  const cause = error
  switch (primaryCode(error)) {
    case null:
      return error
    case FULL:
      return new TransientError(
        'log-full',
        'The event log has reached its quota or the disk is full.',
        {
          cause,
          retryAfterMs: 5000,
        },
      )
    case BUSY:
    case LOCKED:
    case IO_ERROR:
    case READONLY:
    case CANNOT_OPEN:
      return new TransientError('log-unavailable', 'The file of the event log does not answer.', {
        cause,
        retryAfterMs: 1000,
      })
    default:
      return new InvariantError(
        'invariant-broken',
        `The event log refused a statement: ${String(error)}.`,
        {
          cause,
        },
      )
  }
}

/** The same while opening: a folder or file that cannot be used is for the operator. */
export const translateOpenError = (error: unknown, file: string): unknown => {
  const code = primaryCode(error)
  const unusable = [READONLY, IO_ERROR, CORRUPT, CANNOT_OPEN, NOT_A_DATABASE, FULL]
  if (code !== null && !unusable.includes(code)) return translateSqliteError(error)
  if (error instanceof NeoSigmaError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new ConfigError('data-folder-unusable', `${file} cannot be used: ${reason}.`, {
    cause: error,
  })
}
