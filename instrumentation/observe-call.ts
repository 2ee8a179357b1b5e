import { type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { observeStream } from './observe-stream.ts'

/** `create` of one of openai's resources. */
export type Method = (this: unknown, ...args: unknown[]) => unknown

/** The parts of `openai`'s APIPromise that decide when an answer is read; the same in every major from 4 on. */
interface ApiPromise {
  readonly responsePromise: Promise<unknown>
  parseResponse: (...args: unknown[]) => unknown
  asResponse: () => Promise<unknown>
  /** Behind `parse()`; from major 7 on it does not pass through `parseResponse`. */
  _thenUnwrap?: (transform: Transform) => unknown
}

type Transform = (answer: unknown, ...rest: unknown[]) => unknown

/** One call on its way through the instrumentation in the middle. */
interface Call {
  result: unknown
}

/**
 * Two wrappers around an instrumentation of `create` that awaits the promise it is to observe. For `openai` this is no
 * observation: awaiting its promise reads the answer, after which `parse()`, `asResponse()` and `withResponse()` of the
 * host fail. Put `inner` below that instrumentation and `outer` above it: the host gets its own promise untouched, the
 * instrumentation one that settles with what the host read.
 */
export const observedCalls = (): {
  readonly inner: (original: Method) => Method
  readonly outer: (instrumented: Method) => Method
} => {
  // The instrumentation calls the original before it returns, so one call at a time is on its way.
  let current: Call | null = null
  return {
    outer: (instrumented) =>
      function (...args) {
        const call: Call = { result: undefined }
        current = call
        const returned = instrumented.apply(this, args)
        current = null
        return call.result ?? returned
      },
    inner: (original) =>
      function (...args) {
        const call = current
        current = null
        const result = original.apply(this, args)
        if (call === null || !isApiPromise(result)) return result
        call.result = result
        return observed(result, trace.getActiveSpan())
      },
  }
}

const isApiPromise = (value: unknown): value is ApiPromise =>
  value instanceof Promise &&
  'responsePromise' in value &&
  value.responsePromise instanceof Promise &&
  'parseResponse' in value &&
  typeof value.parseResponse === 'function' &&
  'asResponse' in value &&
  typeof value.asResponse === 'function'

/** Resolves with what the host read. Never rejects: a failure ends the span here, since not every observer catches it. */
const observed = (promise: ApiPromise, span: Span | undefined): Promise<unknown> => {
  const { promise: seen, resolve } = Promise.withResolvers<unknown>()
  const fail = (error: unknown): void => failSpan(span, error)
  let reading = false
  let read = false
  const note = (answer: unknown): void => {
    if (read) return
    read = true
    const copy = observeStream(answer, fail)
    resolve(copy ?? answer)
    if (copy !== null) void seen.then(() => drain(copy))
  }

  const { parseResponse, asResponse, _thenUnwrap } = promise
  promise.parseResponse = async (...args) => {
    reading = true
    try {
      const answer = await parseResponse.apply(promise, args)
      note(answer)
      return answer
    } catch (error) {
      fail(error)
      throw error
    }
  }
  if (_thenUnwrap !== undefined)
    promise._thenUnwrap = (transform) =>
      _thenUnwrap.call(promise, (answer, ...rest) => {
        note(answer)
        return transform(answer, ...rest)
      })
  promise.asResponse = async () => {
    const response = await asResponse.call(promise)
    // The host reads the body itself: nothing is known but that there was an answer.
    if (!reading && !read) span?.end()
    return response
  }
  promise.responsePromise.catch(fail)
  return seen
}

/** Reads the copy of a stream through what the instrumentation has put around it, which so sees every chunk. */
const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
  try {
    for await (const _ of stream);
  } catch {
    // Telemetry never disturbs its host.
  }
}

const failSpan = (span: Span | undefined, error: unknown): void => {
  // The errors of `openai` differ in class, not in `name`.
  const type = error instanceof Error ? error.constructor.name : '_OTHER'
  const message = error instanceof Error ? error.message : String(error)
  span?.setAttribute('error.type', type)
  span?.setStatus({ code: SpanStatusCode.ERROR, message })
  span?.end()
}
