// OpenInference: its instrumentation of openai, and its own wrappers of agents and tools.
import { setSession, setUser, traceAgent, traceTool } from '@arizeai/openinference-core'
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { context } from '@opentelemetry/api'
import OpenAI from 'openai'
import { AGENT, eachTurn, SESSION, talk, USER } from './desk.mjs'
import { sendAll, traces } from './telemetry.mjs'

const instrumentation = new OpenAIInstrumentation()
instrumentation.setTracerProvider(traces)
instrumentation.manuallyInstrument(OpenAI)

await eachTurn((turn) => {
  const client = new OpenAI({ baseURL: turn.baseUrl, maxRetries: 0 })
  const agent = traceAgent(
    (_words) =>
      talk(client, turn, (call, act) =>
        traceTool(() => act(), {
          name: call.function.name,
          attributes: { 'tool.name': call.function.name },
          processInput: () => ({
            'input.value': call.function.arguments,
            'input.mime_type': 'application/json',
          }),
        })(),
      ),
    { name: AGENT },
  )
  const session = setUser(setSession(context.active(), { sessionId: SESSION }), { userId: USER })
  return context.with(session, () => agent(turn.asked.at(-1).content))
})
await sendAll()
