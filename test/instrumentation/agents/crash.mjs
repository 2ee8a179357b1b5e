// An agent that fails in the middle of a run, in the way that it is told.
import { trace } from '@opentelemetry/api'

const tracer = trace.getTracer('agent')
tracer.startActiveSpan('invoke_agent desk', () =>
  tracer.startActiveSpan('execute_tool look_up', () => {
    if (process.env.CRASH === 'throw') throw new RangeError('no such order')
    process.exit(Number(process.env.CRASH))
  }),
)
