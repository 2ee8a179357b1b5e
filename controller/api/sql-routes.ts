import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { parseRequest } from './parse-request.ts'

const sqlBody = z.union([
  z.string().min(1),
  z.object({ query: z.string().min(1) }).transform(({ query }) => query),
])

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
export async function* jsonArray(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = ''
  let separator = '['
  for await (const chunk of chunks) {
    const lines = (rest + String(chunk)).split('\n')
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
