import { SpanStatusCode } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'

type StartedSpan = Parameters<SpanProcessor['onStart']>[0]

export interface UnfinishedSpans {
  readonly processor: SpanProcessor
  /** Ends them as failed: the process goes down with them. Inner ones first. */
  failAll(error: { readonly type: string; readonly message: string }): void
}

/** Beyond it the oldest are forgotten: a host may start spans that it never ends. */
const MOST_SPANS = 1000

/**
 * Knows the spans that have not ended. Without an end they would never be sent, and a run that crashed would look like
 * one that went well.
 */
export const unfinishedSpans = (): UnfinishedSpans => {
  const spans = new Set<StartedSpan>()
  const forgetOldest = (): void => {
    for (const oldest of spans) {
      spans.delete(oldest)
      return
    }
  }
  const nothing = async (): Promise<void> => {}
  return {
    processor: {
      onStart: (span) => {
        if (spans.size >= MOST_SPANS) forgetOldest()
        spans.add(span)
      },
      // It is the same object, seen through the narrower type of what has ended.
      onEnd: (span) => void spans.delete(span as unknown as StartedSpan),
      forceFlush: nothing,
      shutdown: nothing,
    },
    failAll: ({ type, message }) => {
      for (const span of [...spans].reverse()) {
        span.setAttribute('error.type', type)
        span.setStatus({ code: SpanStatusCode.ERROR, message })
        span.end()
      }
    },
  }
}
