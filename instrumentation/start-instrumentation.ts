import { context, logs, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import {
  defaultResource,
  detectResources,
  envDetector,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { LoggerProvider } from '@opentelemetry/sdk-logs'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import {
  currentInstrumentation,
  type RunningInstrumentation,
  setCurrentInstrumentation,
} from './running.ts'
import { type InstrumentationOptions, sdkParts } from './sdk-parts.ts'

/**
 * Starts traces and logs over OTLP with `openai` instrumented; where it runs already, answers that one. Never throws: an
 * agent runs on without telemetry. Where the host has started an OTel SDK before, that one stays in charge of the global
 * API and only model calls, evaluations and what happens in them come from here (see `sdkParts`).
 */
export const startInstrumentation = (
  options: InstrumentationOptions = {},
): RunningInstrumentation => {
  try {
    return currentInstrumentation() ?? start(options)
  } catch (error) {
    process.emitWarning(`NeoSigma instrumentation did not start: ${String(error)}`)
    return { flush: async () => {}, flushNow: () => {}, stop: async () => {} }
  }
}

const start = (options: InstrumentationOptions): RunningInstrumentation => {
  const { running, spanProcessors, logRecordProcessors, instrumentations } = sdkParts(options)
  // What is known at once: other detectors answer later than a short process lives.
  const resource = defaultResource().merge(
    detectResources({ detectors: [envDetector, serviceInstanceIdDetector] }),
  )
  const tracerProvider = new TracerProvider({
    resource,
    spanProcessors: [...spanProcessors],
    ...(options.sampler === undefined ? {} : { sampler: options.sampler }),
  })
  const loggerProvider = new LoggerProvider({ resource, processors: [...logRecordProcessors] })
  becomeGlobal(tracerProvider, loggerProvider)
  const unregister = registerInstrumentations({
    instrumentations: [...instrumentations],
    tracerProvider,
    loggerProvider,
  })
  const stoppable: RunningInstrumentation = {
    ...running,
    stop: async (timeoutMs) => {
      unregister()
      await running.stop(timeoutMs)
      setCurrentInstrumentation(undefined)
    },
  }
  const logger = loggerProvider.getLogger('@neosigma/instrumentation')
  setCurrentInstrumentation({ running: stoppable, logger })
  return stoppable
}

/** Each of these leaves what somebody has set before. */
const becomeGlobal = (tracerProvider: TracerProvider, loggerProvider: LoggerProvider): void => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  )
  trace.setGlobalTracerProvider(tracerProvider)
  logs.setGlobalLoggerProvider(loggerProvider)
}
