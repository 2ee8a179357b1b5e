import type { Instrumentation } from '@opentelemetry/instrumentation'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Identity } from './identity.ts'
import { CurrentOpenAIInstrumentation } from './openai-instrumentation.ts'
import type { Redact } from './redact.ts'
import { masking, withoutContent } from './redact-records.ts'
import type { RunningInstrumentation } from './running.ts'
import { openSender } from './sender.ts'
import type { Protocol } from './sender-protocol.ts'
import { sendingProcessors } from './sending-processors.ts'
import { stampingProcessors } from './stamping-processor.ts'
import { unfinishedSpans } from './unfinished-spans.ts'

export interface InstrumentationOptions {
  /** Stamped on everything that does not say otherwise. */
  readonly identity?: Identity
  /** False: messages, tool arguments and results stay in the process. Default true. */
  readonly captureContent?: boolean
  /** Applied to every text before it leaves the process. */
  readonly redact?: Redact
  /** Default gRPC. Endpoint, headers and the rest are the OTel exporters' own variables. */
  readonly protocol?: Protocol
  /** Default: every trace. */
  readonly sampler?: Sampler
  /** How long an ending process waits for its last telemetry to be sent. Default 1500. */
  readonly exitWaitMs?: number
  /** Further instrumentations to start with it. */
  readonly instrumentations?: readonly Instrumentation[]
}

/** What an OTel SDK of the host's own needs to send to NeoSigma as well. */
export interface SdkParts {
  readonly spanProcessors: readonly SpanProcessor[]
  readonly logRecordProcessors: readonly LogRecordProcessor[]
  readonly instrumentations: readonly Instrumentation[]
  readonly running: RunningInstrumentation
}

/** Processors and instrumentations to put into the host's own OTel SDK, beside its own and in this order. */
export const sdkParts = (options: InstrumentationOptions = {}): SdkParts => {
  const { identity = {}, captureContent = true, redact, protocol = 'grpc' } = options
  const { exitWaitMs = 1500 } = options
  const sender = openSender(protocol)
  const sending = sendingProcessors(sender, [
    ...(captureContent ? [] : [withoutContent]),
    ...(redact === undefined ? [] : [masking(redact)]),
  ])
  const stamping = stampingProcessors(identity)
  const flush = async (timeoutMs = exitWaitMs): Promise<void> => {
    sending.flush()
    await sender.drain(timeoutMs)
  }
  const flushNow = (timeoutMs = exitWaitMs): void => {
    sending.flush()
    sender.drainNow(timeoutMs)
  }
  const unfinished = unfinishedSpans()
  const stopWatching = onProcessEnd((error) => {
    if (error !== null) unfinished.failAll(error)
    flushNow()
  })
  return {
    spanProcessors: [stamping.spans, unfinished.processor, sending.spans],
    logRecordProcessors: [stamping.logs, sending.logs],
    instrumentations: [
      new CurrentOpenAIInstrumentation({ captureMessageContent: captureContent }),
      ...(options.instrumentations ?? []),
    ],
    running: {
      flush,
      flushNow,
      stop: async (timeoutMs) => {
        stopWatching()
        await flush(timeoutMs)
        await sender.close()
      },
    },
  }
}

interface EndError {
  readonly type: string
  readonly message: string
}

/**
 * However the process ends: at the end of its work (null), by an error, or by `process.exit()` with a code that says so.
 * Answers what stops watching. A signal is nobody's error: what was under way stays unfinished.
 */
const onProcessEnd = (callback: (error: EndError | null) => void): (() => void) => {
  let thrown: EndError | null = null
  const onUncaught = (error: Error): void => {
    thrown = { type: error.constructor.name, message: error.message }
  }
  const onExit = (code: number): void => {
    const message = `the process ended with code ${code}`
    callback(code === 0 ? null : (thrown ?? { type: 'process_exit', message }))
  }
  process.on('uncaughtExceptionMonitor', onUncaught)
  process.once('exit', onExit)
  return () => {
    process.removeListener('uncaughtExceptionMonitor', onUncaught)
    process.removeListener('exit', onExit)
  }
}
