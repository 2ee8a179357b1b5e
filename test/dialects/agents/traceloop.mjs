// Traceloop's instrumentation of openai, with spans of agents and tools as its SDK's decorators write them.
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai'
import OpenAI from 'openai'
import { AGENT, eachTurn, SESSION, talk, USER } from './desk.mjs'
import { withSpan } from './spans.mjs'
import { sendAll, traces } from './telemetry.mjs'

const instrumentation = new OpenAIInstrumentation({ traceContent: true })
instrumentation.setTracerProvider(traces)
instrumentation.manuallyInstrument(OpenAI)

const entity = (kind, name, input) => ({
  'traceloop.span.kind': kind,
  'traceloop.entity.name': name,
  'traceloop.entity.input': input,
  'traceloop.association.properties.session_id': SESSION,
  'traceloop.association.properties.user_id': USER,
})
const finished = async (span, work) => {
  const output = await work
  span.setAttribute('traceloop.entity.output', output)
  return output
}

await eachTurn((turn) => {
  const client = new OpenAI({ baseURL: turn.baseUrl, maxRetries: 0 })
  const watchTool = ({ function: { name, arguments: given } }, act) =>
    withSpan(`${name}.tool`, entity('tool', name, given), (span) => finished(span, act()))
  return withSpan(`${AGENT}.agent`, entity('agent', AGENT, turn.asked.at(-1).content), (span) =>
    finished(span, talk(client, turn, watchTool)),
  )
})
await sendAll()
