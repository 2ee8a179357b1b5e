import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface OpenAiEndpoint {
  /** With `/v1`. */
  readonly baseUrl: string
  close(): Promise<void>
}

interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly tools?: readonly unknown[]
}

/**
 * OpenAI's three endpoints as recorded shapes. The model's name says what happens: `refused` is a 401, `cut` ends the
 * connection within the stream, anything else answers; with tools it asks for `look_up`.
 */
export const openOpenAiEndpoint = async (): Promise<OpenAiEndpoint> => {
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request)) as Asked
    if (asked.model === 'refused')
      return json(response, { error: { message: 'wrong key', type: 'auth', code: 'no' } }, 401)
    if (request.url === '/v1/embeddings') return json(response, EMBEDDINGS)
    if (request.url === '/v1/responses')
      return asked.stream === true ? streamEvents(response) : json(response, RESPONSE)
    return asked.stream === true ? streamChunks(response, asked) : json(response, chat(asked))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const json = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const CALL = {
  id: 'call_1',
  type: 'function',
  function: { name: 'look_up', arguments: '{"order":"A1"}' },
}
const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }

const chat = ({ model, tools }: Asked) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: `${model}-2026`,
  choices: [
    tools === undefined
      ? {
          index: 0,
          message: { role: 'assistant', content: '{"answer":42}', refusal: null },
          finish_reason: 'stop',
          logprobs: null,
        }
      : {
          index: 0,
          message: { role: 'assistant', content: null, refusal: null, tool_calls: [CALL] },
          finish_reason: 'tool_calls',
          logprobs: null,
        },
  ],
  usage: USAGE,
})

const streamChunks = (response: ServerResponse, { model }: Asked): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (delta: object, finish: string | null, usage?: object): void => {
    const choices = usage === undefined ? [{ index: 0, delta, finish_reason: finish }] : []
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model }
    response.write(`data: ${JSON.stringify({ ...base, choices, ...(usage && { usage }) })}\n\n`)
  }
  for (const content of ['one ', 'two ', 'three']) chunk({ role: 'assistant', content }, null)
  if (model === 'cut') {
    setTimeout(() => response.destroy(), 20)
    return
  }
  chunk({}, 'stop')
  chunk({}, null, USAGE)
  response.end('data: [DONE]\n\n')
}

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'small-2026',
  output: [
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'hello', annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 5,
    output_tokens: 3,
    total_tokens: 8,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  },
}

const streamEvents = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (type: string, rest: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`)
  }
  send('response.created', { response: { ...RESPONSE, status: 'in_progress', output: [] } })
  send('response.output_item.done', { output_index: 0, item: RESPONSE.output[0] })
  send('response.completed', { response: RESPONSE })
  response.end()
}

const EMBEDDINGS = {
  object: 'list',
  model: 'small-2026',
  data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
  usage: { prompt_tokens: 4, total_tokens: 4 },
}
