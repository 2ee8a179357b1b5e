import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { digestOf } from '../../schemas/canonical-json.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import { assignSession } from '../release/assign-session.ts'
import type { LiveConfiguration } from '../release/live-configuration.ts'
import { parseRequest } from './parse-request.ts'

export interface LiveConfigurations {
  /** What an agent runs now; null for an agent that nothing is known of. */
  of(agent: string): LiveConfiguration | null
  /** Calls back after each change of an agent, until the returned function is called. */
  onChange(agent: string, listener: () => void): () => void
}

const KEEP_ALIVE_MS = 15_000
const parameters = z.object({ agent: z.string() })
const query = z.object({ session: z.string().optional() })

/**
 * `GET /v1/agents/{agent}/config`: both versions, weight and salt of a canary; with `?session=ID` the one version of
 * that session. ETag and 304; `Accept: text/event-stream` sends it again on each change.
 */
export const liveConfigRoutes = (server: FastifyInstance, live: LiveConfigurations): void => {
  const streams = new Set<ServerResponse>()
  server.addHook('preClose', (done) => {
    for (const response of streams) response.end()
    done()
  })
  server.get('/v1/agents/:agent/config', (request, reply) => {
    const { agent } = parseRequest(parameters, request.params)
    const { session } = parseRequest(query, request.query)
    const read = (): unknown => answerFor(live, agent, session)
    if (request.headers.accept?.includes('text/event-stream') === true)
      return stream(request, reply, {
        read,
        onChange: (listener) => live.onChange(agent, listener),
        streams,
      })
    const body = read()
    const etag = `"${digestOf(body).slice(7, 39)}"`
    reply.header('etag', etag).header('cache-control', 'no-cache')
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.send(body)
  })
}

const answerFor = (
  live: LiveConfigurations,
  agent: string,
  session: string | undefined,
): unknown => {
  const configuration = live.of(agent)
  if (configuration === null)
    throw new InvalidInputError('not-found', `There is no agent ${agent}.`)
  const { stable, canary } = configuration
  if (session === undefined) return { agent, stable, canary }
  const arm = assignSession(session, canary)
  const version = arm === 'canary' && canary !== null ? canary : stable
  return { agent, arm, version: { digest: version.digest, config: version.config } }
}

interface Changes {
  readonly read: () => unknown
  readonly onChange: (listener: () => void) => () => void
  /** The open ones, to be ended when the server closes. */
  readonly streams: Set<ServerResponse>
}

const stream = (
  request: FastifyRequest,
  reply: FastifyReply,
  { read, onChange, streams }: Changes,
): FastifyReply => {
  const first = read()
  reply.hijack()
  const { raw } = reply
  streams.add(raw)
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const send = (body: unknown): void => {
    raw.write(`event: config\ndata: ${JSON.stringify(body)}\n\n`)
  }
  send(first)
  const stopListening = onChange(() => send(read()))
  const keepAlive = setInterval(() => raw.write(': keep-alive\n\n'), KEEP_ALIVE_MS)
  request.raw.once('close', () => {
    clearInterval(keepAlive)
    stopListening()
    streams.delete(raw)
  })
  return reply
}
