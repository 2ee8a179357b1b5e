// Langfuse: its wrapper of openai, and its observations of agents and tools.
import { observeOpenAI } from '@langfuse/openai'
import {
  propagateAttributes,
  setLangfuseTracerProvider,
  startActiveObservation,
} from '@langfuse/tracing'
import OpenAI from 'openai'
import { AGENT, eachTurn, SESSION, talk, USER } from './desk.mjs'
import { sendAll, traces } from './telemetry.mjs'

setLangfuseTracerProvider(traces)

const observed = (name, asType, input, work) =>
  startActiveObservation(
    name,
    async (observation) => {
      observation.update({ input })
      try {
        const output = await work()
        observation.update({ output })
        return output
      } catch (error) {
        observation.update({ level: 'ERROR', statusMessage: error.message })
        throw error
      }
    },
    { asType },
  )

await eachTurn((turn) => {
  const client = observeOpenAI(new OpenAI({ baseURL: turn.baseUrl, maxRetries: 0 }))
  const watchTool = ({ function: { name, arguments: given } }, act) =>
    observed(name, 'tool', JSON.parse(given), act)
  // Session and user come upon the spans within; upon the agent's own span they come from a span processor of Langfuse.
  return observed(AGENT, 'agent', turn.asked.at(-1).content, () =>
    propagateAttributes({ sessionId: SESSION, userId: USER }, () => talk(client, turn, watchTool)),
  )
})
await sendAll()
