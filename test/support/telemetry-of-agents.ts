import { context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'

export interface AgentTelemetry {
  /** A run of an agent: four spans and one evaluation; every fourth fails at its tool. Answers the trace id. */
  run(number: number): string
  /** Resolves when the receiver has accepted everything. */
  flush(): Promise<void>
  /** Exports that were sent again, because the first try was not confirmed. */
  resent(): number
}

/** That of spans and that of logs differ in the item alone. */
type Done = Parameters<SpanExporter['export']>[1]

interface Exporter<Item> {
  export(items: Item[], done: Done): void
  shutdown(): Promise<void>
  forceFlush(): Promise<void>
}

const EXPORT_MS = 120_000
const AGAIN_MS = 300
const BATCH = { scheduledDelayMillis: 50, exportTimeoutMillis: EXPORT_MS, maxExportBatchSize: 64 }

/** OpenTelemetry's own SDK and exporters, by gRPC and by HTTP in turn, that repeat an export until it is accepted. */
export const openAgentTelemetry = (grpcUrl: string, httpUrl: string): AgentTelemetry => {
  let resent = 0
  const untilAccepted = <Item>(exporter: Exporter<Item>): Exporter<Item> => {
    const again = (items: Item[], done: Done): void =>
      exporter.export(items, (result) => {
        if (result.code === 0) return done(result)
        resent += 1
        setTimeout(again, AGAIN_MS, items, done)
      })
    return {
      export: again,
      shutdown: () => exporter.shutdown(),
      forceFlush: () => exporter.forceFlush(),
    }
  }
  const tracing = [
    new GrpcTraceExporter({ url: grpcUrl }),
    new HttpTraceExporter({ url: `${httpUrl}/v1/traces` }),
  ].map(
    (exporter) =>
      new TracerProvider({
        spanProcessors: [new BatchSpanProcessor({ exporter: untilAccepted(exporter), ...BATCH })],
      }),
  )
  const logExporter = untilAccepted(new OTLPLogExporter({ url: `${httpUrl}/v1/logs` }))
  const logging = new LoggerProvider({
    processors: [new BatchLogRecordProcessor({ exporter: logExporter, ...BATCH })],
  })
  const tracers = tracing.map((provider) => provider.getTracer('test'))
  const logger = logging.getLogger('test')
  return {
    run: (number) => {
      const fails = number % 4 === 0
      const { traceId, of } = traceRun(tracers[number % tracers.length] as Tracer, number, fails)
      logger.emit({
        eventName: 'gen_ai.evaluation.result',
        context: of,
        attributes: {
          'gen_ai.evaluation.name': 'solved',
          'gen_ai.evaluation.score.value': fails ? 0 : 1,
          'neosigma.signal.type': 'explicit',
        },
      })
      return traceId
    },
    flush: async () => {
      await Promise.all([...tracing, logging].map((provider) => provider.forceFlush()))
    },
    resent: () => resent,
  }
}

const traceRun = (tracer: Tracer, number: number, fails: boolean) => {
  const root = tracer.startSpan('invoke_agent desk', {
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'desk',
      'gen_ai.conversation.id': `session-${number}`,
    },
  })
  const of = trace.setSpan(context.active(), root)
  const model = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
  const usage = { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 5 }
  tracer.startSpan('chat m', { attributes: { ...model, ...usage } }, of).end()
  const tool = tracer.startSpan(
    'execute_tool lookup',
    { attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'lookup' } },
    of,
  )
  if (fails) tool.setStatus({ code: SpanStatusCode.ERROR, message: `order ${number} not found` })
  tool.end()
  tracer.startSpan('chat m', { attributes: { ...model, ...usage } }, of).end()
  root.end()
  return { traceId: root.spanContext().traceId, of }
}
