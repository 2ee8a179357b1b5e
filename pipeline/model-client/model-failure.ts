import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai'
import { ConfigError, TransientError } from '../../schemas/errors.ts'

/** Why a call failed, by what helps: another key, time, another form of the request, or nothing. */
export type ModelFailure =
  | { readonly kind: 'key-refused'; readonly error: ConfigError }
  | { readonly kind: 'passing'; readonly error: TransientError }
  | { readonly kind: 'unusable'; readonly error: TransientError }
  | {
      readonly kind: 'form-refused'
      readonly error: TransientError
      readonly param: string | null
    }
  | { readonly kind: 'lasting'; readonly error: TransientError }

const unavailable = (detail: string, cause: unknown, retryAfterMs?: number): TransientError =>
  new TransientError('model-unavailable', detail, {
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

/** The endpoint answered, but nothing that can be used. */
export const unusableAnswer = (reason: string, cause?: unknown): ModelFailure => ({
  kind: 'unusable',
  error: new TransientError('model-answer-unusable', reason, { cause }),
})

const FORM_REFUSED = new Set([400, 415, 422, 501])
const PASSING = new Set([408, 409, 425, 429])

/**
 * An error of the client as a failure, by status. `nowMs` is the time from which a Retry-After date counts.
 * What is neither an answer nor a lost connection was raised while the body was read: the endpoint sent nonsense.
 */
export const modelFailure = (error: unknown, nowMs: number): ModelFailure => {
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError)
    return { kind: 'passing', error: unavailable('the endpoint did not answer in time', error) }
  if (error instanceof APIConnectionError)
    return { kind: 'passing', error: unavailable(connectionProblem(error), error) }
  if (!(error instanceof APIError) || error.status === undefined)
    return unusableAnswer(`the answer cannot be read: ${textOf(error)}`, error)
  return statusFailure(error, error.status, nowMs)
}

const statusFailure = (error: APIError, status: number, nowMs: number): ModelFailure => {
  if (status === 401 || status === 403)
    return {
      kind: 'key-refused',
      // The endpoint's words are not repeated: they may hold a part of the key.
      error: new ConfigError(
        'config-secret-missing',
        `The model endpoint answered ${status}: OPENAI_API_KEY is missing, wrong or has too few rights.`,
      ),
    }
  const detail = `the endpoint answered ${textOf(error)}`
  if (FORM_REFUSED.has(status))
    return {
      kind: 'form-refused',
      error: new TransientError('model-answer-unusable', detail, { cause: error }),
      param: error.param ?? null,
    }
  const passing = (PASSING.has(status) || status >= 500) && error.code !== 'insufficient_quota'
  return {
    kind: passing ? 'passing' : 'lasting',
    error: unavailable(detail, error, retryAfterMs(error.headers, nowMs)),
  }
}

/** `retry-after-ms`, or `Retry-After` in seconds or as a date. */
const retryAfterMs = (headers: Headers | undefined, nowMs: number): number | undefined => {
  const millis = numberOf(headers?.get('retry-after-ms'))
  if (millis !== null) return Math.max(0, millis)
  const text = headers?.get('retry-after')
  const seconds = numberOf(text)
  if (seconds !== null) return Math.max(0, seconds * 1000)
  const dateMs = Date.parse(text ?? '')
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}

const numberOf = (text: string | null | undefined): number | null => {
  const value = Number(text ?? '')
  return text === null || text === undefined || text.trim() === '' || !Number.isFinite(value)
    ? null
    : value
}

/** `fetch failed` says nothing; its cause does. */
const connectionProblem = (error: APIConnectionError): string => {
  const chain: unknown[] = []
  for (let one: unknown = error; one instanceof Error && chain.length < 4; one = one.cause)
    chain.push(one.message)
  return `the endpoint cannot be reached: ${chain.join(': ')}`
}

const LONGEST_TEXT = 300

const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_TEXT)
