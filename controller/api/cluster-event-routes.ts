import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { type ClusterEvent, clusterEvent } from '../../schemas/cluster.ts'
import { type ClusterEventRow, msOfStoreTime } from '../../schemas/tables.ts'
import { decodeCursor, PAGE_ROWS, pageOf } from './cursor.ts'
import { paging, parseRequest } from './parse-request.ts'
import { after, equals, where } from './where.ts'

const query = z.strictObject({
  ...paging,
  agent: z.string().optional(),
  cluster: z.string().optional(),
})
const place = z.tuple([z.number().int(), z.string()])

/** `GET /v1/cluster-events`: what became of the identities of clusters, newest first. */
export const clusterEventRoutes = (server: FastifyInstance, { store }: RoleContext): void => {
  server.get('/v1/cluster-events', async (request) => {
    const asked = parseRequest(query, request.query)
    const limit = asked.limit ?? PAGE_ROWS
    const { sql, parameters } = where([
      equals('Agent', asked.agent),
      equals('ClusterId', asked.cluster),
      after(['At', 'ClusterId'], decodeCursor(place, asked.cursor)),
    ])
    const rows = await store.query<ClusterEventRow>(
      `SELECT * FROM neosigma_cluster_events FINAL ${sql}
       ORDER BY At DESC, ClusterId DESC LIMIT ${limit + 1}`,
      parameters,
    )
    const { items, next } = pageOf(rows, limit, ({ At, ClusterId }) => [
      msOfStoreTime(At),
      ClusterId,
    ])
    return { items: items.map(eventOf), next }
  })
}

const eventOf = (row: ClusterEventRow): ClusterEvent => ({
  clusterId: row.ClusterId,
  agent: row.Agent,
  kind: clusterEvent.shape.kind.parse(row.Kind),
  relatedIds: [...row.RelatedIds],
  failures: Number(row.Failures),
  at: new Date(msOfStoreTime(row.At)).toISOString(),
})
