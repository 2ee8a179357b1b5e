import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { metricOf, metricTable } from '../../consumers/signals/metric-table.ts'
import { readValue } from '../../consumers/signals/unit-value.ts'
import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import { type Signal, signal } from '../../schemas/signal.ts'
import { TOPICS } from '../../schemas/topics.ts'
import { parseRequest } from './parse-request.ts'

const MOST_SIGNALS = 10_000

/** What users send: `id` and `at` may be left out, and one of `traceId` and `sessionId` says what it is about. */
const intake = signal
  .partial({ id: true, at: true })
  .refine(
    ({ traceId, sessionId }) => traceId !== undefined || sessionId !== undefined,
    'give traceId or sessionId',
  )
  .refine(({ value, label }) => value !== null || label !== null, 'give value or label')
const intakes = z.array(intake).min(1).max(MOST_SIGNALS)

/** What was taken and yet decides nothing, or was read by a guess. */
export interface SignalWarning {
  readonly index: number
  readonly id: string
  readonly reason: string
}

/** `POST /v1/signals`: feedback, one or many. It is durable when the answer says 202. */
export const signalRoutes = (
  server: FastifyInstance,
  { log, clock, metrics, configuration }: RoleContext,
): void => {
  const declared = metricTable(configuration.signals.metrics)
  server.post('/v1/signals', async (request, reply) => {
    const now = isoOf(clock.nowMs())
    // By shape, not by a union, so that a refusal names what is wrong.
    const given = Array.isArray(request.body)
      ? parseRequest(intakes, request.body)
      : [parseRequest(intake, request.body)]
    const signals = given.map((one, index): Signal => {
      const at = one.at ?? now
      return { ...one, at, id: one.id ?? idOf(request, index, { ...one, at }) }
    })
    await log.append(
      signals.map((one) =>
        encodeEvent(TOPICS.signals, one, {
          id: one.id,
          source: '/neosigma/api',
          time: now,
          key: one.traceId ?? one.sessionId ?? one.id,
        }),
      ),
    )
    metrics.count('neosigma.api.signals', signals.length)
    return reply.code(202).send({
      accepted: signals.length,
      ids: signals.map(({ id }) => id),
      warnings: signals.flatMap((one, index) => warningOf(one, index, declared)),
    })
  })
}

/** With an Idempotency-Key the same request sent again counts once; without, equal content at one time does. */
const idOf = (request: FastifyRequest, index: number, content: unknown): string => {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' ? digestOf([key, index]) : digestOf(content)
}

const warningOf = (
  one: Signal,
  index: number,
  declared: ReturnType<typeof metricTable>,
): readonly SignalWarning[] => {
  const metric = metricOf(one.name, declared)
  const { note, value } = readValue(one, metric)
  const [low, high] = metric?.range ?? [0, 1]
  const effect = value === null ? 'it is kept and decides nothing' : 'its label counts'
  const reasons = {
    undeclared: 'the metric is not declared: read as [0, 1], higher is better',
    unreadable: `neither value nor label can be read: ${effect}`,
    'out-of-range': `the value is outside [${low}, ${high}]: ${effect}`,
    'over-user-limit': '',
  }
  return note === null ? [] : [{ index, id: one.id, reason: reasons[note] }]
}
