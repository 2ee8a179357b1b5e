import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

export interface ModelEndpointServer {
  readonly baseUrl: string
  readonly requests: ReceivedRequest[]
  close(): Promise<void>
}

/** Answers the n-th request, from 0. */
export type Behaviour = (response: ServerResponse, n: number, request: ReceivedRequest) => void

/** A server on loopback that behaves as told: an endpoint that misbehaves needs a real socket. */
export const startModelEndpoint = async (behave: Behaviour): Promise<ModelEndpointServer> => {
  const requests: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        const received = {
          path: request.url ?? '',
          headers: request.headers,
          body: body as Record<string, unknown>,
        }
        requests.push(received)
        behave(response, requests.length - 1, received)
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** A chat completion with this text. */
export const completion = (content: string | null, overrides: object = {}): object => ({
  id: 'c',
  object: 'chat.completion',
  model: 'served-model',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  ...overrides,
})
