import { InvalidInputError, TransientError } from '../../schemas/errors.ts'

/** What a sender is told when a request failed: the same in both protocols. */
export interface Failure {
  readonly httpStatus: number
  readonly grpcCode: number
  readonly message: string
  /** How long the sender should wait; null: trying again does not help. */
  readonly retryAfterMs: number | null
  /** For metrics: a code of the table of errors, or `internal`. */
  readonly code: string
}

export const GRPC = {
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const

const HTTP_STATUS = new Map<string, number>([
  ['payload-too-large', 413],
  ['content-type-unsupported', 415],
])

/** OTLP senders try RESOURCE_EXHAUSTED again only with a retry hint, UNAVAILABLE always. */
const FULL = new Set<string>(['log-full', 'receiver-busy'])

const RETRY_AFTER_MS = 1000

/** Whole milliseconds: both protocols write the hint as digits. */
const retryHint = (error: TransientError): number => Math.ceil(error.retryAfterMs ?? RETRY_AFTER_MS)

/** An error as an answer. What is not of the table is told as "internal error" only; the log has the rest. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof InvalidInputError)
    return {
      httpStatus: HTTP_STATUS.get(error.code) ?? 400,
      grpcCode: GRPC.invalidArgument,
      message: error.message,
      retryAfterMs: null,
      code: error.code,
    }
  if (error instanceof TransientError)
    return {
      httpStatus: 503,
      grpcCode: FULL.has(error.code) ? GRPC.resourceExhausted : GRPC.unavailable,
      message: error.message,
      retryAfterMs: retryHint(error),
      code: error.code,
    }
  return {
    httpStatus: 500,
    grpcCode: GRPC.internal,
    message: 'internal error of the receiver',
    retryAfterMs: null,
    code: 'internal',
  }
}
