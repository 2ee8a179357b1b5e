import { register } from 'node:module'
import { isInternalThread, isMainThread, workerData } from 'node:worker_threads'
import { setApiUrl } from './api-url.ts'
import { redactPersonal } from './redact.ts'
import { currentInstrumentation, type RunningInstrumentation } from './running.ts'
import { samplerOf } from './sampler.ts'
import type { InstrumentationOptions } from './sdk-parts.ts'
import { SENDER } from './sender-protocol.ts'
import { startInstrumentation } from './start-instrumentation.ts'

/**
 * `node --import @neosigma/instrumentation/register agent.js`, for ESM and CommonJS agents alike. Reads the variables of
 * the README; nothing in here may throw into the host or keep it alive for more than two seconds.
 */
const {
  NEOSIGMA_AGENT,
  NEOSIGMA_AGENT_VERSION,
  NEOSIGMA_PROMPT_NAME,
  NEOSIGMA_PROMPT_VERSION,
  NEOSIGMA_EVALUATION,
  NEOSIGMA_EXIT_WAIT_MS,
  NEOSIGMA_REDACT,
  NEOSIGMA_API_URL,
  OTEL_EXPORTER_OTLP_PROTOCOL,
  OTEL_SDK_DISABLED,
  OTEL_SERVICE_NAME,
  OTEL_TRACES_SAMPLER,
  OTEL_TRACES_SAMPLER_ARG,
} = process.env

if (NEOSIGMA_API_URL !== undefined && NEOSIGMA_API_URL !== '') setApiUrl(NEOSIGMA_API_URL)

const given = <Key extends string>(key: Key, value: string | undefined) =>
  value === undefined || value === '' ? {} : ({ [key]: value } as { readonly [K in Key]: string })

const options: InstrumentationOptions = {
  identity: {
    ...given('agentName', NEOSIGMA_AGENT || OTEL_SERVICE_NAME),
    ...given('agentVersion', NEOSIGMA_AGENT_VERSION),
    ...given('promptName', NEOSIGMA_PROMPT_NAME),
    ...given('promptVersion', NEOSIGMA_PROMPT_VERSION),
    ...(NEOSIGMA_EVALUATION === '1' ? { evaluation: true } : {}),
  },
  captureContent: NEOSIGMA_REDACT !== 'content',
  ...(NEOSIGMA_REDACT === 'personal' ? { redact: redactPersonal } : {}),
  protocol: OTEL_EXPORTER_OTLP_PROTOCOL?.startsWith('http/') === true ? 'http/protobuf' : 'grpc',
  ...(/^\d+$/.test(NEOSIGMA_EXIT_WAIT_MS ?? '')
    ? { exitWaitMs: Number(NEOSIGMA_EXIT_WAIT_MS) }
    : {}),
  sampler: samplerOf(OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG),
}

/** A signal that would end the process does so after the rest is sent; a host that handles it decides itself. */
const sendBeforeSignal = (running: RunningInstrumentation, name: NodeJS.Signals): void => {
  const onSignal = (): void => {
    if (process.listenerCount(name) > 1) return
    process.removeListener(name, onSignal)
    running.flushNow()
    process.kill(process.pid, name)
  }
  process.on(name, onSignal)
}

const REDACTIONS = ['', 'content', 'personal']

/** Preloads run in every thread, also in the one that sends and in Node's own for module hooks. */
const isHostThread = (): boolean =>
  !isInternalThread && (workerData as { purpose?: unknown } | null)?.purpose !== SENDER

const start = (): void => {
  if (!REDACTIONS.includes(NEOSIGMA_REDACT ?? ''))
    // A misspelt wish for less must not send more.
    throw new TypeError(`NEOSIGMA_REDACT is ${NEOSIGMA_REDACT}, not one of: content, personal`)
  if (currentInstrumentation() !== undefined) return
  const running = startInstrumentation(options)
  // ES modules are patched only through this hook, and only if it stands before their import.
  // No other module of the host passes through it.
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, {
    data: { include: ['openai'] },
  })
  if (isMainThread)
    for (const name of ['SIGTERM', 'SIGINT'] as const) sendBeforeSignal(running, name)
}

try {
  if (isHostThread() && OTEL_SDK_DISABLED?.toLowerCase() !== 'true') start()
} catch (error) {
  process.emitWarning(`NeoSigma does not watch this process: ${String(error)}`)
}
