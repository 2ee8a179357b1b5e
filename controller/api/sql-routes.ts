import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { parseRequest } from './parse-request.ts'

/** Parsed by shape, not by a union, so that a refusal says what is wrong. */
const sqlBody = z.preprocess(
  (body) => (typeof body === 'string' ? { query: body } : body),
  z.object({ query: z.string().min(1, 'the statement is empty') }).transform(({ query }) => query),
)

/**
 * `POST /v1/sql`: one read-only statement, as text or `{"query"}`. Answers a JSON array of row objects, streamed; with
 * `Accept: application/x-ndjson` one object a line.
 */
export const sqlRoutes = (server: FastifyInstance, { store }: RoleContext): void => {
  server.post('/v1/sql', async (request, reply) => {
    const lines = await store.streamReadOnly(parseRequest(sqlBody, request.body))
    if (request.headers.accept?.includes('application/x-ndjson') === true)
      return reply.type('application/x-ndjson').send(lines)
    return reply.type('application/json').send(Readable.from(jsonArray(lines)))
  })
}

/** Turns JSON lines, cut anywhere, into one JSON array without holding more than a line. */
export async function* jsonArray(
  chunks: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string> {
  // A cut may go through a character: its bytes wait for the others.
  const decoder = new TextDecoder()
  let rest = ''
  let separator = '['
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((text) => text.trim() !== '')) {
      yield separator + line
      separator = ',\n'
    }
  }
  if (rest.trim() !== '') {
    yield separator + rest
    separator = ',\n'
  }
  yield separator === '[' ? '[]' : ']'
}
