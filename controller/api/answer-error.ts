import type { FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, type ErrorCode, NeoSigmaError } from '../../schemas/errors.ts'

const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  'not-found': 404,
  'agent-unknown': 404,
  'decision-not-open': 409,
  'payload-too-large': 413,
  'content-type-unsupported': 415,
}

/** Errors of the table as HTTP: 4xx for what the caller can mend, 503 with Retry-After for what passes, else 500. */
export const answerError = (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
  if (error instanceof NeoSigmaError) {
    if (error.kind === 'transient')
      reply.header('retry-after', Math.ceil((error.retryAfterMs ?? 1000) / 1000))
    const status =
      STATUS_OF_CODE[error.code] ??
      { config: 500, 'invalid-input': 400, transient: 503, invariant: 500 }[error.kind]
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    const { code, detail } = error
    void reply.code(status).send({ error: { code, message: detail, advice: ERRORS[code].text } })
    return
  }
  const status =
    'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  const message = status >= 500 ? 'Internal error; the log of the API says more.' : error.message
  void reply.code(status).send({ error: { code: 'http', message } })
}
