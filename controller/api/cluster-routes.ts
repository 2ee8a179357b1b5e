import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { listClusters } from '../../consumers/priority/list-clusters.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { CLUSTER_AGGREGATES_SQL, type ClusterAggregateRow } from '../../schemas/cluster-listing.ts'
import { decodeCursor, PAGE_ROWS, pageOf } from './cursor.ts'
import { paging, parseRequest } from './parse-request.ts'

const query = z.strictObject({
  ...paging,
  agent: z.string().optional(),
  taskType: z.string().optional(),
})
const place = z.tuple([z.number().int(), z.number().int()])
const HOUR_MS = 3_600_000

/**
 * `GET /v1/clusters`: ranked as of the answer; the pages of one listing are of one time. A filter keeps the ranks of the
 * whole list.
 */
export const clusterRoutes = (
  server: FastifyInstance,
  { store, clock, configuration }: RoleContext,
): void => {
  const { windowHours, halfLifeHours } = configuration.miner
  server.get('/v1/clusters', async (request) => {
    const asked = parseRequest(query, request.query)
    const [asOfMs, afterRank] = decodeCursor(place, asked.cursor) ?? [clock.nowMs(), 0]
    const rows = await store.query<ClusterAggregateRow>(CLUSTER_AGGREGATES_SQL, {
      windowStart: Math.round(asOfMs - windowHours * HOUR_MS),
    })
    const clusters = listClusters(rows, { asOfMs, halfLifeHours })
    const shown = clusters.filter(
      ({ agent, taskType, rank }) =>
        rank > afterRank &&
        agent === (asked.agent ?? agent) &&
        taskType === (asked.taskType ?? taskType),
    )
    return pageOf(shown, asked.limit ?? PAGE_ROWS, ({ rank }) => [asOfMs, rank])
  })
}
