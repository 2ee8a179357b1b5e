// To be loaded with --import: an OTel SDK of the host's own, which writes the names of its spans to stdout.
import { trace } from '@opentelemetry/api'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

const exporter = {
  export: (spans, done) => {
    process.stdout.write(spans.map(({ name }) => `[host: ${name}]`).join(''))
    done({ code: 0 })
  },
  forceFlush: async () => {},
  shutdown: async () => {},
}
trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
)
