import { SpanStatusCode, trace } from '@opentelemetry/api'

/** A span around work, as an agent without a framework writes it: attributes before, outcome after. */
export const withSpan = (name, attributes, work) =>
  trace.getTracer('desk').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      span.setAttribute('error.type', error.constructor.name)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      throw error
    } finally {
      span.end()
    }
  })
