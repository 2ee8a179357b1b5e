import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * A page of another site may send simple requests to a service on loopback, though it cannot read the answers. What
 * comes from a browser must come from this API's own pages.
 */
export const refuseForeignPages = (
  request: FastifyRequest,
  reply: FastifyReply,
  proceed: () => void,
): void => {
  const { origin, host } = request.headers
  if (origin === undefined || URL.parse(origin)?.host === host) {
    proceed()
    return
  }
  const message = `Requests of pages from ${origin} are refused.`
  void reply.code(403).send({ error: { code: 'origin-refused', message } })
}
