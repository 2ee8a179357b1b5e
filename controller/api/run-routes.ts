import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import { traceId } from '../../schemas/scalars.ts'
import { msOfStoreTime } from '../../schemas/tables.ts'
import { decodeCursor, PAGE_ROWS, pageOf } from './cursor.ts'
import { listRuns, type SelectedRow } from './list-runs.ts'
import { paging, parseRequest } from './parse-request.ts'
import { equals } from './where.ts'

/** A row of the listing; what is not known is null. */
export interface ListedRun {
  readonly traceId: string
  readonly agent: string | null
  readonly taskType: string | null
  readonly outcome: string
  readonly score: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly modelCalls: number
  readonly toolCalls: number
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly dialect: string | null
  readonly model: string | null
}

const query = z.strictObject({
  ...paging,
  agent: z.string().optional(),
  taskType: z.string().optional(),
  outcome: z.enum(['pass', 'fail']).optional(),
  failed: z.stringbool().optional(),
  since: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'not an ISO 8601 time' })
    .optional(),
})
const place = z.tuple([z.number().int(), z.string()])
const parameters = z.object({ traceId })

/** `GET /v1/runs`, newest first, and `GET /v1/runs/{traceId}`, the whole run. */
export const runRoutes = (server: FastifyInstance, { store }: RoleContext): void => {
  server.get('/v1/runs', async (request) => {
    const asked = parseRequest(query, request.query)
    const limit = asked.limit ?? PAGE_ROWS
    const rows = await listRuns(store, {
      conditions: [
        equals('Agent', asked.agent),
        equals('TaskType', asked.taskType),
        equals('Outcome', asked.outcome ?? outcomeOf(asked.failed)),
        since(asked.since),
      ],
      place: decodeCursor(place, asked.cursor),
      limit: limit + 1,
    })
    return pageOf(rows.map(listedRun), limit, (last) => [Date.parse(last.startedAt), last.traceId])
  })
  server.get('/v1/runs/:traceId', async (request, reply) => {
    const { traceId: id } = parseRequest(parameters, request.params)
    const [row] = await store.query<{ readonly Body: string }>(
      'SELECT Body FROM neosigma_runs FINAL WHERE TraceId = {id: String}',
      { id },
    )
    if (row === undefined) throw new InvalidInputError('not-found', `There is no run ${id}.`)
    return reply.type('application/json').send(row.Body)
  })
}

const outcomeOf = (failed: boolean | undefined): string | undefined =>
  failed === undefined ? undefined : failed ? 'fail' : 'pass'

const since = (time: string | undefined) =>
  time === undefined
    ? undefined
    : {
        sql: 'StartedAt >= fromUnixTimestamp64Milli({sinceMs: Int64})',
        parameters: { sinceMs: Date.parse(time) },
      }

const listedRun = (row: SelectedRow): ListedRun => ({
  traceId: row.TraceId,
  agent: row.Agent === '' ? null : row.Agent,
  taskType: row.TaskType,
  outcome: row.Outcome,
  score: row.Score,
  startedAt: new Date(msOfStoreTime(row.StartedAt)).toISOString(),
  durationMs: row.DurationMs,
  modelCalls: row.ModelCalls,
  toolCalls: row.ToolCalls,
  inputTokens: numberOf(row.InputTokens),
  outputTokens: numberOf(row.OutputTokens),
  dialect: row.Dialect,
  model: row.Model,
})

const numberOf = (text: string | null): number | null => (text === null ? null : Number(text))
