import {
  ConfigError,
  InvalidInputError,
  NeoSigmaError,
  TransientError,
} from '../../schemas/errors.ts'

/**
 * Credentials, rights, a read-only user, and a cluster that the server does not know or has not set up (139, 392, 701): nobody
 * mends them by waiting.
 */
const REFUSED = new Set('139 164 192 193 194 195 291 392 497 516 701'.split(' '))

/**
 * What passes by itself: time-outs and cancelled queries (159, 160, 394), quotas and limits (201, 202, 241, 252), sockets
 * and connections (3, 203, 209, 210, 279), replicas and Keeper (225, 242, 285, 286, 319, 517, 999), disk and threads (75, 76,
 * 243, 425, 439), shutting down (236), parts that a full disk has damaged, until the engine sets them aside (40, 74, 107, 226, 228, 246).
 */
const PASSING = new Set(
  '3 40 74 75 76 107 159 160 201 202 203 209 210 225 226 228 236 241 242 243 246 252 279 285 286 319 394 425 439 517 999'.split(
    ' ',
  ),
)

/**
 * ClickHouse's or the connection's error as one of ours, by code: an error without a code of ClickHouse's never reached
 * the engine, or lost it on the way.
 */
export const translateStoreError = (error: unknown, what: string): Error => {
  if (error instanceof NeoSigmaError) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = codeOf(error)
  const detail = code === null ? `${what}: ${message}` : `${what}: code ${code}: ${message}`
  if (code === null || PASSING.has(code))
    return new TransientError('store-unavailable', detail, { cause: error })
  return REFUSED.has(code)
    ? new ConfigError('store-refused', detail, { cause: error })
    : new InvalidInputError('query-refused', detail, { cause: error })
}

/** ClickHouse's codes are numbers in text; those of sockets are words. (Each client package has a class of its own.) */
const codeOf = (error: unknown): string | null => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' && /^\d+$/.test(error.code) ? error.code : null
}
