import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type ListenOptions, listen } from './listen.ts'
import type { Metrics } from './metrics.ts'

export interface HealthServer {
  readonly port: number
  /** Who answers what is not health; null again answers 503. */
  serve(handler: RequestListener | null): void
  /** Lets answers finish for so long, then ends the connections. */
  stop(graceMs: number): Promise<void>
}

export interface HealthOptions extends ListenOptions {
  readonly metrics: Pick<Metrics, 'handleScrape'>
  /** Reasons why the process is not ready; empty when it is. */
  readonly notReady: () => readonly string[]
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000

/**
 * `/healthz` (the process answers), `/readyz` (200, or 503 with reasons) and `/metrics` (Prometheus text), from before
 * anything is open until everything is closed. @throws ConfigError `port-in-use`
 */
export const openHealthServer = async (options: HealthOptions): Promise<HealthServer> => {
  let handler: RequestListener | null = null
  const server = createServer((request, response) => {
    // A connection whose last answer was given while the server stops is idle only now.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
    const path = (request.url ?? '').split('?')[0]
    if (path === '/healthz') return answer(response, 200, { status: 'alive', name: 'neosigma' })
    if (path === '/readyz') return answerReadiness(response, options.notReady())
    if (path === '/metrics') return options.metrics.handleScrape(request, response)
    if (handler !== null) return handler(request, response)
    response.setHeader('retry-after', '1')
    answer(response, 503, {
      error: { code: 'not-ready', message: 'NeoSigma is starting or stopping.' },
    })
  })
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  const port = await listen(server, options)
  return {
    port,
    serve: (next) => {
      handler = next
    },
    stop: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cancel = new AbortController()
      const late = pause(graceMs, undefined, { signal: cancel.signal }).then(
        () => server.closeAllConnections(),
        () => undefined,
      )
      await closed
      cancel.abort()
      await late
    },
  }
}

const answerReadiness = (response: ServerResponse, reasons: readonly string[]): void =>
  answer(
    response,
    reasons.length === 0 ? 200 : 503,
    reasons.length === 0 ? { status: 'ready' } : { status: 'not ready', reasons },
  )

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
