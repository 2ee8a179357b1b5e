import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { LISTINGS, type Listing, rebuildListing } from '../rebuild-listings.ts'
import { parseRequest } from './parse-request.ts'

const body = z.strictObject({
  listings: z
    .array(z.enum(LISTINGS))
    .min(1)
    .default([...LISTINGS]),
})

/**
 * `POST /v1/rebuild` `{listings?}`: makes listings anew from their topics. The answer is the progress, a line for each
 * block of rows; that of a listing which is whole again says `done`.
 */
export const rebuildRoutes = (server: FastifyInstance, context: RoleContext): void => {
  server.post('/v1/rebuild', async (request, reply) => {
    const { listings } = parseRequest(body, request.body ?? {})
    return reply.type('application/x-ndjson').send(Readable.from(progressLines(context, listings)))
  })
}

async function* progressLines(
  context: RoleContext,
  listings: readonly Listing[],
): AsyncGenerator<string> {
  for (const listing of new Set(listings))
    for await (const progress of rebuildListing(context, listing))
      yield `${JSON.stringify(progress)}\n`
}
