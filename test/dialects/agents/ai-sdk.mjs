import { AGENT, eachTurn, MODEL, pause, SESSION, SYSTEM, TOOLS, USER } from './desk.mjs'

/** The agent as the AI SDK runs it, in any of its majors: the loop, the tools and the spans are the SDK's. */
export const aiSdkAgent = (ai, { openProvider, telemetry, stopWhen }) => {
  const tools = Object.fromEntries(
    TOOLS.map(({ name, description, parameters, act }) => [
      name,
      { description, inputSchema: ai.jsonSchema(parameters), execute: act },
    ]),
  )
  return eachTurn(async (turn) => {
    const call = {
      model: openProvider({
        name: 'openai',
        baseURL: turn.baseUrl,
        includeUsage: true,
        fetch: async (...request) => {
          await pause()
          return fetch(...request)
        },
      })(MODEL),
      system: SYSTEM,
      messages: turn.asked,
      tools,
      stopWhen,
      maxRetries: 0,
      ...telemetry({ functionId: AGENT, sessionId: SESSION, userId: USER }),
    }
    if (!turn.isStreamed) return ai.generateText(call)
    return ai.streamText(call).consumeStream()
  })
}
