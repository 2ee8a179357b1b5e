import { register } from 'node:module'
import { setApiUrl } from './api-url.ts'
import { redactPersonal } from './redact.ts'
import { type InstrumentationOptions, startInstrumentation } from './start-instrumentation.ts'

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
  NEOSIGMA_REDACT,
  NEOSIGMA_API_URL,
  OTEL_EXPORTER_OTLP_PROTOCOL,
  OTEL_SERVICE_NAME,
} = process.env

if (NEOSIGMA_API_URL !== undefined && NEOSIGMA_API_URL !== '') setApiUrl(NEOSIGMA_API_URL)

const given = <Key extends string>(key: Key, value: string | undefined) =>
  value === undefined || value === '' ? {} : ({ [key]: value } as { readonly [K in Key]: string })

const options: InstrumentationOptions = {
  identity: {
    ...given('agentName', NEOSIGMA_AGENT ?? OTEL_SERVICE_NAME),
    ...given('agentVersion', NEOSIGMA_AGENT_VERSION),
    ...given('promptName', NEOSIGMA_PROMPT_NAME),
    ...given('promptVersion', NEOSIGMA_PROMPT_VERSION),
    ...(NEOSIGMA_EVALUATION === '1' ? { evaluation: true } : {}),
  },
  captureContent: NEOSIGMA_REDACT !== 'content',
  ...(NEOSIGMA_REDACT === 'personal' ? { redact: redactPersonal } : {}),
  protocol: OTEL_EXPORTER_OTLP_PROTOCOL === 'http/protobuf' ? 'http/protobuf' : 'grpc',
}

try {
  // ES modules are patched only through this hook, and only if it stands before their import.
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
} catch (error) {
  process.emitWarning(`NeoSigma cannot instrument ES modules: ${String(error)}`)
}

const running = startInstrumentation(options)
let stopped = false
const stopOnce = async (): Promise<void> => {
  if (stopped) return
  stopped = true
  await running.stop()
}

// The host has nothing left to do: send the rest, then go, even where a connection attempt would still hold the loop.
process.once('beforeExit', () => {
  void stopOnce().then(() => process.exit())
})

for (const name of ['SIGTERM', 'SIGINT'] as const) {
  const onSignal = (): void => {
    const alone = process.listenerCount(name) === 1
    process.removeListener(name, onSignal)
    // A host with a handler of its own decides itself when to go.
    if (alone) void stopOnce().then(() => process.kill(process.pid, name))
  }
  process.on(name, onSignal)
}
