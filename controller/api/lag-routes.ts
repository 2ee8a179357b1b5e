import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { parseRequest } from './parse-request.ts'

/** A partition as one role has read it. Offsets are strings: they may pass 2⁵³. */
export interface ListedLag {
  readonly role: string
  readonly topic: string
  readonly partition: number
  /** The next offset to read; null where nothing was committed yet. */
  readonly committed: string | null
  readonly end: string
}

const CONSUMERS = ['writer', 'runs', 'miner', 'controller'] as const
const query = z.strictObject({ role: z.enum(CONSUMERS).optional() })

/** `GET /v1/lag`: how far the consumers have read. */
export const lagRoutes = (server: FastifyInstance, { log }: RoleContext): void => {
  server.get('/v1/lag', async (request) => {
    const { role: asked } = parseRequest(query, request.query)
    const items: ListedLag[] = []
    for (const role of asked === undefined ? CONSUMERS : [asked])
      for (const { topic, partition, committed, end } of await log.lag(`neosigma-${role}`))
        items.push({ role, topic, partition, committed: text(committed), end: String(end) })
    return { items, next: null }
  })
}

const text = (offset: bigint | null): string | null => (offset === null ? null : String(offset))
