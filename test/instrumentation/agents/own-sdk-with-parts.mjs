// A host with an OTel SDK of its own that sends to NeoSigma as well.
import { sdkParts } from '@neosigma/instrumentation'
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'

const { spanProcessors } = sdkParts({ identity: { agentName: 'parted' } })
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [...spanProcessors] }))
trace.getTracer('agent').startSpan('from the host').end()
