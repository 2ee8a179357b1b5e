import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { InvalidInputError } from '../../schemas/errors.ts'
import { type ListenOptions, listen } from '../service-runtime/listen.ts'
import { receiptBody, statusBody } from './answers.ts'
import { type Failure, GRPC } from './failure.ts'
import type { Encoding, Signal } from './intake.ts'
import { discardBody, readBody } from './read-body.ts'
import {
  recordFailure,
  recordSuccess,
  type Transport,
  type TransportServices,
} from './transport.ts'

const PATHS = new Map<string, Signal>([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
])

const CONTENT_TYPES = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
} as const satisfies Record<Encoding, string>

const ENCODINGS = new Map<string, Encoding>([
  ['application/x-protobuf', 'protobuf'],
  ['application/protobuf', 'protobuf'],
  ['application/json', 'json'],
])

/** Ends uploads that never finish. */
const REQUEST_TIMEOUT_MS = 60_000

interface Answer {
  readonly status: number
  readonly encoding: Encoding
  readonly body: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

const encodingOf = (request: IncomingMessage): Encoding | undefined =>
  ENCODINGS.get((request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '')

const failureAnswer = (failure: Failure, encoding: Encoding): Answer => ({
  status: failure.httpStatus,
  encoding,
  body: statusBody(failure, encoding),
  headers:
    failure.retryAfterMs === null
      ? {}
      : { 'retry-after': String(Math.max(1, Math.ceil(failure.retryAfterMs / 1000))) },
})

const unknownPath = (path: string): Failure => ({
  httpStatus: 404,
  grpcCode: GRPC.unimplemented,
  message:
    path === '/v1/metrics'
      ? 'NeoSigma takes traces and logs, no metrics; set OTEL_METRICS_EXPORTER=none'
      : 'no such path; OTLP is at /v1/traces and /v1/logs',
  retryAfterMs: null,
  code: 'path-unknown',
})

const wrongMethod: Failure = {
  httpStatus: 405,
  grpcCode: GRPC.unimplemented,
  message: 'only POST is served here',
  retryAfterMs: null,
  code: 'method-refused',
}

const answerOf = async (services: TransportServices, request: IncomingMessage): Promise<Answer> => {
  const encoding = encodingOf(request)
  const path = (request.url ?? '').split('?')[0] ?? ''
  const signal = PATHS.get(path)
  if (signal === undefined) return failureAnswer(unknownPath(path), encoding ?? 'json')
  if (request.method !== 'POST') {
    const answer = failureAnswer(wrongMethod, encoding ?? 'json')
    return { ...answer, headers: { allow: 'POST' } }
  }
  const lease = services.lease()
  const place = { transport: 'http', signal } as const
  try {
    if (encoding === undefined)
      throw new InvalidInputError(
        'content-type-unsupported',
        `content-type ${request.headers['content-type'] ?? '(none)'}`,
      )
    const body = await readBody(request, services.maxBodyBytes, lease)
    const receipt = await services.intake({ signal, encoding, body, lease })
    recordSuccess(services, place)
    return { status: 200, encoding, body: receiptBody(signal, receipt, encoding) }
  } catch (error) {
    return failureAnswer(recordFailure(services, place, error), encoding ?? 'json')
  } finally {
    lease.release()
  }
}

const send = async (
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> => {
  response.writeHead(answer.status, {
    'content-type': CONTENT_TYPES[answer.encoding],
    'content-length': answer.body.length,
    ...answer.headers,
  })
  response.write(answer.body)
  // The end of an answer closes the connection of a sender that asked for that: one that still sends would not read it.
  if (!request.complete) await discardBody(request)
  response.end()
}

const stopServer = async (
  server: Server,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> => {
  const timer = new AbortController()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // To Node a connection that never sent anything is not idle, and holds the server.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  const grace = pause(graceMs, undefined, { signal: timer.signal }).then(
    () => server.closeAllConnections(),
    () => undefined,
  )
  await closed
  timer.abort()
  await grace
}

/** OTLP over HTTP: protobuf and JSON, plain, gzip or deflate. */
export const openHttpServer = async (
  services: TransportServices,
  options: ListenOptions,
): Promise<Transport> => {
  let stopping = false
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    answerOf(services, request).then(
      (answer) => {
        // A connection that stays open would keep the stopping server alive.
        if (stopping) response.setHeader('connection', 'close')
        return send(request, response, answer)
      },
      (error: unknown) => {
        services.logger.error({ err: error }, 'an answer could not be written')
        response.destroy()
      },
    )
  })
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const port = await listen(server, options)
  server.on('error', services.fail)
  return {
    port,
    stop: (graceMs) => {
      stopping = true
      return stopServer(server, sockets, graceMs)
    },
  }
}
