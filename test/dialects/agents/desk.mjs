/** The agent that every package watches: what it is asked, its tools, and its loop on the openai package. */

export const AGENT = 'desk'
export const MODEL = 'gpt-sim'
export const SESSION = 'session-1'
export const USER = 'user-1'
export const SYSTEM = 'You are the desk of a shop. Use your tools.'

const modelUrl = process.env.OPENAI_BASE_URL

/** Spans that follow one another start so far apart that no clock puts them the other way round. */
export const pause = () => new Promise((resolve) => setTimeout(resolve, 5))

/** Says the same of itself whoever asks: with the name of its class in front or not. */
class ToolError extends Error {
  toString() {
    return this.message
  }
}

/** Two turns of one conversation, the second streamed and with a tool that fails, and a model that is not there. */
export const TURNS = [
  {
    name: 'tools',
    asked: [{ role: 'user', content: 'Please refund order A-1234.' }],
    isStreamed: false,
    baseUrl: modelUrl,
  },
  {
    name: 'stream',
    asked: [
      { role: 'user', content: 'Please refund order A-1234.' },
      { role: 'assistant', content: 'Order A-1234 has been refunded.' },
      { role: 'user', content: 'Where is my parcel B-77?' },
    ],
    isStreamed: true,
    baseUrl: modelUrl,
  },
  {
    name: 'error',
    asked: [{ role: 'user', content: 'Please refund order A-1234.' }],
    isStreamed: false,
    baseUrl: `${modelUrl}/nowhere`,
  },
]

const PARAMETERS = {
  type: 'object',
  properties: { order: { type: 'string' } },
  required: ['order'],
}
export const TOOLS = [
  { name: 'lookup_order', description: 'Reads an order', act: () => '{"status":"delivered"}' },
  { name: 'refund_order', description: 'Pays an order back', act: () => '{"refunded":true}' },
  {
    name: 'track_parcel',
    description: 'Says where a parcel is',
    act: () => {
      throw new ToolError('503 the parcel service is away')
    },
  },
].map(({ act, ...tool }) => ({
  ...tool,
  parameters: PARAMETERS,
  act: async () => {
    await pause()
    return act()
  },
}))

const DEFINITIONS = TOOLS.map(({ name, description, parameters }) => ({
  type: 'function',
  function: { name, description, parameters },
}))

/**
 * Asks the model until it answers, and calls the tools that it asks for within `watchTool(call, act)`. Answers the
 * model's last words.
 */
export const talk = async (client, turn, watchTool) => {
  const messages = [{ role: 'system', content: SYSTEM }, ...turn.asked]
  for (;;) {
    await pause()
    const message = turn.isStreamed
      ? await streamed(client, messages)
      : await asked(client, messages)
    if (message.tool_calls === undefined) return message.content
    messages.push(message)
    for (const call of message.tool_calls)
      messages.push({
        role: 'tool',
        tool_call_id: call.id,
        content: await resultOf(call.function, (act) => watchTool(call, act)),
      })
  }
}

const asked = async (client, messages) => {
  const { choices } = await client.chat.completions.create({
    model: MODEL,
    messages,
    tools: DEFINITIONS,
  })
  const { role, content, tool_calls: calls } = choices[0].message
  return { role, content, ...(calls === undefined ? {} : { tool_calls: calls }) }
}

const streamed = async (client, messages) => {
  const chunks = await client.chat.completions.create({
    model: MODEL,
    messages,
    tools: DEFINITIONS,
    stream: true,
    stream_options: { include_usage: true },
  })
  const message = { role: 'assistant', content: null }
  for await (const { choices } of chunks) {
    const { content, tool_calls: calls } = choices[0]?.delta ?? {}
    if (content) message.content = (message.content ?? '') + content
    if (calls) message.tool_calls = calls.map(({ index, ...call }) => call)
  }
  return message
}

/** A tool that fails is told to the model, which goes on. */
const resultOf = async ({ name }, watched) => {
  try {
    return await watched(() => TOOLS.find((tool) => tool.name === name).act())
  } catch (error) {
    return error.message
  }
}

/** Every turn after the other; one that fails has done so within its spans. */
export const eachTurn = async (run) => {
  for (const turn of TURNS)
    try {
      await run(turn)
    } catch (error) {
      if (turn.name !== 'error') throw error
    }
}
