import { AGENT, eachTurn, SESSION, talk, USER } from './desk.mjs'
import { withSpan } from './spans.mjs'

/** The agent with spans of its own in the words of the GenAI conventions; the package watches the client. */
export const genAiAgent = (openClient) =>
  eachTurn((turn) =>
    withSpan(
      `invoke_agent ${AGENT}`,
      {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': AGENT,
        'gen_ai.conversation.id': SESSION,
        'user.id': USER,
      },
      () =>
        talk(openClient(turn.baseUrl), turn, (call, act) =>
          withSpan(
            `execute_tool ${call.function.name}`,
            {
              'gen_ai.operation.name': 'execute_tool',
              'gen_ai.tool.name': call.function.name,
              'gen_ai.tool.call.id': call.id,
              'gen_ai.tool.call.arguments': call.function.arguments,
            },
            async (span) => {
              const result = await act()
              span.setAttribute('gen_ai.tool.call.result', result)
              return result
            },
          ),
        ),
    ),
  )
