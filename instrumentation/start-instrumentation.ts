import type { Instrumentation } from '@opentelemetry/instrumentation'
import { envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Identity } from './identity.ts'
import { CurrentOpenAIInstrumentation } from './openai-instrumentation.ts'
import type { Redact } from './redact.ts'
import { masking, withoutContent } from './redact-records.ts'
import { openSender } from './sender.ts'
import type { Protocol } from './sender-protocol.ts'
import { sendingProcessors } from './sending-processors.ts'
import { stampingProcessors } from './stamping-processor.ts'

export interface InstrumentationOptions {
  /** Stamped on everything that does not say otherwise. */
  readonly identity?: Identity
  /** False: messages, tool arguments and results stay in the process. Default true. */
  readonly captureContent?: boolean
  /** Applied to every text before it leaves the process. */
  readonly redact?: Redact
  /** Default gRPC. Endpoint, headers and the rest are the OTel exporters' own variables. */
  readonly protocol?: Protocol
  /** Further instrumentations to start with it. */
  readonly instrumentations?: readonly Instrumentation[]
}

export interface RunningInstrumentation {
  /** Sends what is left; gives up after `timeoutMs`. Never rejects. */
  flush(timeoutMs?: number): Promise<void>
  /** The same for a process that exits now: blocks for at most `timeoutMs`. */
  flushNow(timeoutMs?: number): void
  /** Flushes and ends. Never rejects. */
  stop(timeoutMs?: number): Promise<void>
}

/** What an OTel SDK of the host's own needs to send to NeoSigma as well. */
export interface SdkParts {
  readonly spanProcessors: readonly SpanProcessor[]
  readonly logRecordProcessors: readonly LogRecordProcessor[]
  readonly instrumentations: readonly Instrumentation[]
  readonly running: RunningInstrumentation
}

/** An exiting host waits no longer than this for its last telemetry. */
const LONGEST_WAIT_MS = 1500

/** Processors and instrumentations to put into the host's own OTel SDK, in this order after its own. */
export const sdkParts = (options: InstrumentationOptions = {}): SdkParts => {
  const { identity = {}, captureContent = true, redact, protocol = 'grpc' } = options
  const sender = openSender(protocol)
  const sending = sendingProcessors(sender, [
    ...(captureContent ? [] : [withoutContent]),
    ...(redact === undefined ? [] : [masking(redact)]),
  ])
  const stamping = stampingProcessors(identity)
  const flush = async (timeoutMs = LONGEST_WAIT_MS): Promise<void> => {
    sending.flush()
    await sender.drain(timeoutMs)
  }
  const flushNow = (timeoutMs = LONGEST_WAIT_MS): void => {
    sending.flush()
    sender.drainNow(timeoutMs)
  }
  const atExit = (): void => flushNow()
  process.once('exit', atExit)
  return {
    spanProcessors: [stamping.spans, sending.spans],
    logRecordProcessors: [stamping.logs, sending.logs],
    instrumentations: [
      new CurrentOpenAIInstrumentation({ captureMessageContent: captureContent }),
      ...(options.instrumentations ?? []),
    ],
    running: {
      flush,
      flushNow,
      stop: async (timeoutMs) => {
        process.removeListener('exit', atExit)
        await flush(timeoutMs)
        await sender.close().catch(() => {})
      },
    },
  }
}

const RUNNING = Symbol.for('@neosigma/instrumentation running')

/** The one that runs in this process, of whatever copy of this package. */
const place = globalThis as { [RUNNING]?: RunningInstrumentation | undefined }

export const isRunning = (): boolean => place[RUNNING] !== undefined

/**
 * Starts traces and logs over OTLP with `openai` instrumented; where it runs already, answers that one. Never throws: an
 * agent runs on without telemetry.
 */
export const startInstrumentation = (
  options: InstrumentationOptions = {},
): RunningInstrumentation => {
  const before = place[RUNNING]
  if (before !== undefined) return before
  try {
    const running = start(options)
    place[RUNNING] = running
    return running
  } catch (error) {
    process.emitWarning(`NeoSigma instrumentation did not start: ${String(error)}`)
    return NOT_RUNNING
  }
}

const NOT_RUNNING: RunningInstrumentation = {
  flush: async () => {},
  flushNow: () => {},
  stop: async () => {},
}

const start = (options: InstrumentationOptions): RunningInstrumentation => {
  const { running, spanProcessors, logRecordProcessors, instrumentations } = sdkParts(options)
  const sdk = new NodeSDK({
    spanProcessors: [...spanProcessors],
    logRecordProcessors: [...logRecordProcessors],
    metricReaders: [],
    instrumentations: [...instrumentations],
    // What is known at once: other detectors answer later than a short process lives.
    resourceDetectors: [envDetector, serviceInstanceIdDetector],
  })
  sdk.start()
  return {
    ...running,
    stop: async (timeoutMs) => {
      await sdk.shutdown().catch(() => {})
      await running.stop(timeoutMs)
      place[RUNNING] = undefined
    },
  }
}

/** Sends what was recorded so far, such as before `process.exit()` of a host that cannot wait for it. Never rejects. */
export const flushTelemetry = async (timeoutMs?: number): Promise<void> =>
  place[RUNNING]?.flush(timeoutMs)
