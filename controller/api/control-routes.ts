import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { CYCLE_OUTCOMES } from '../../schemas/cycle-event.ts'
import { DECISIONS } from '../../schemas/decision.ts'
import { msOfStoreTime } from '../../schemas/tables.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import { paging, parseRequest } from './parse-request.ts'
import { after, equals, type Where, where } from './where.ts'

/** Cycles and decisions carry whole configurations and evidence. */
const PAGE_BODIES = 100
const place = z.tuple([z.number().int(), z.string()])

const cycleQuery = z.strictObject({
  ...paging,
  agent: z.string().optional(),
  cluster: z.string().optional(),
  outcome: z.enum(CYCLE_OUTCOMES).optional(),
})
const decisionQuery = z.strictObject({
  ...paging,
  agent: z.string().optional(),
  cycle: z.string().optional(),
  decision: z.enum(DECISIONS).optional(),
})

interface BodyRow {
  readonly id: string
  readonly time: string
  readonly body: string
}

/** `GET /v1/cycles` and `GET /v1/decisions`, newest first, with what is stored of each as it was published. */
export const controlRoutes = (server: FastifyInstance, { store }: RoleContext): void => {
  const bodies = async (table: Table, { sql, parameters }: Where, limit: number) => {
    const rows = await store.query<BodyRow>(
      `SELECT Id AS id, toString(${table.time}) AS time, Body AS body FROM ${table.name} FINAL ${sql}
       ORDER BY ${table.time} DESC, Id DESC LIMIT ${limit + 1}`,
      parameters,
    )
    const { items, next } = pageOf(rows, limit, ({ time, id }) => [msOfStoreTime(time), id])
    return { items: items.map(({ body }): unknown => JSON.parse(body)), next }
  }
  server.get('/v1/cycles', (request) => {
    const asked = parseRequest(cycleQuery, request.query)
    const conditions = where([
      equals('Agent', asked.agent),
      equals('ClusterId', asked.cluster),
      equals('Outcome', asked.outcome),
      after(['StartedAt', 'Id'], decodeCursor(place, asked.cursor)),
    ])
    return bodies(CYCLES, conditions, asked.limit ?? PAGE_BODIES)
  })
  server.get('/v1/decisions', (request) => {
    const asked = parseRequest(decisionQuery, request.query)
    const conditions = where([
      equals('Agent', asked.agent),
      equals('CycleId', asked.cycle),
      equals('Decision', asked.decision),
      after(['At', 'Id'], decodeCursor(place, asked.cursor)),
    ])
    return bodies(DECISIONS_TABLE, conditions, asked.limit ?? PAGE_BODIES)
  })
}

interface Table {
  readonly name: string
  /** The time of the order. */
  readonly time: string
}
const CYCLES: Table = { name: 'neosigma_cycles', time: 'StartedAt' }
const DECISIONS_TABLE: Table = { name: 'neosigma_decisions', time: 'At' }
