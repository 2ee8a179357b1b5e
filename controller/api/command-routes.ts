import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isoOf } from '../../pipeline/service-runtime/clock.ts'
import type { RoleContext } from '../../pipeline/service-runtime/role.ts'
import { digestOf } from '../../schemas/canonical-json.ts'
import { encodeEvent } from '../../schemas/cloud-event.ts'
import type { DeploymentDecision } from '../../schemas/decision.ts'
import { InvalidInputError } from '../../schemas/errors.ts'
import type { Command } from '../../schemas/operation-events.ts'
import { digest } from '../../schemas/scalars.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { LiveConfigurations } from './live-config-routes.ts'
import { parseRequest } from './parse-request.ts'

const reviewer = z.string().trim().min(1).max(200)
const comment = z.string().max(10_000).default('')
const reviewBody = z.strictObject({ reviewer, comment })
const rollbackBody = z.strictObject({ reviewer, comment, to: digest.nullable().default(null) })
const decisionParameters = z.object({ id: z.string() })
const agentParameters = z.object({ agent: z.string() })

/**
 * `POST /v1/decisions/{id}/approve|reject` and `POST /v1/agents/{agent}/rollback`: what a person wants, as a command for
 * the controller and an entry of the audit. Both are durable when the answer says 202; the controller decides.
 */
export const commandRoutes = (
  server: FastifyInstance,
  context: RoleContext,
  live: LiveConfigurations,
): void => {
  for (const verb of ['approve', 'reject'] as const)
    server.post(`/v1/decisions/:id/${verb}`, async (request, reply) => {
      const { id } = parseRequest(decisionParameters, request.params)
      const given = parseRequest(reviewBody, request.body)
      const { agent } = await openDecision(context, id)
      const approved = verb === 'approve'
      const wish = { type: 'review', agent, decisionId: id, approved, ...given } as const
      const commandId = await publish(context, { ...wish, id: digestOf(wish), at: now(context) })
      return reply.code(202).send({ commandId, agent, decisionId: id, approved })
    })
  server.post('/v1/agents/:agent/rollback', async (request, reply) => {
    const { agent } = parseRequest(agentParameters, request.params)
    const given = parseRequest(rollbackBody, request.body)
    refuseUnknownVersion(live, agent, given.to)
    const wish = { type: 'rollback', agent, ...given, at: now(context) } as const
    const commandId = await publish(context, { ...wish, id: digestOf(wish) })
    return reply.code(202).send({ commandId, agent, to: given.to })
  })
}

const now = ({ clock }: RoleContext): string => isoOf(clock.nowMs())

/** The decision if it waits for a review. @throws InvalidInputError `not-found`, `decision-not-open` */
const openDecision = async (
  { store, clock }: RoleContext,
  id: string,
): Promise<DeploymentDecision> => {
  const decision = await readDecision(store, id)
  if (decision === null) throw new InvalidInputError('not-found', `There is no decision ${id}.`)
  const refuse = (why: string): InvalidInputError =>
    new InvalidInputError('decision-not-open', `Decision ${id} ${why}.`)
  if (decision.decision !== 'pending-review') throw refuse(`is a ${decision.decision}`)
  if (decision.expiresAt !== null && Date.parse(decision.expiresAt) <= clock.nowMs())
    throw refuse(`expired at ${decision.expiresAt}`)
  const { cycleId } = decision.causation
  const later = await laterDecision(store, cycleId ?? '', decision)
  if (later !== null) throw refuse(`was followed by ${later}`)
  return decision
}

const readDecision = async (
  store: RoleContext['store'],
  id: string,
): Promise<DeploymentDecision | null> => {
  const [row] = await store.query<{ readonly Body: string }>(
    'SELECT Body FROM neosigma_decisions FINAL WHERE Id = {id: String}',
    { id },
  )
  return row === undefined ? null : (JSON.parse(row.Body) as DeploymentDecision)
}

const laterDecision = async (
  store: RoleContext['store'],
  cycleId: string,
  { id, at }: DeploymentDecision,
): Promise<string | null> => {
  const [row] = await store.query<{ readonly Id: string }>(
    `SELECT Id FROM neosigma_decisions FINAL
     WHERE CycleId = {cycleId: String} AND CycleId != '' AND Id != {id: String}
       AND At >= fromUnixTimestamp64Milli({atMs: Int64}) ORDER BY At LIMIT 1`,
    { cycleId, id, atMs: Date.parse(at) },
  )
  return row?.Id ?? null
}

const refuseUnknownVersion = (live: LiveConfigurations, agent: string, to: string | null): void => {
  const configuration = live.of(agent)
  if (configuration === null)
    throw new InvalidInputError('not-found', `There is no agent ${agent}.`)
  const known = [configuration.stable, ...configuration.history].map((version) => version.digest)
  if (to === null || known.includes(to)) return
  throw new InvalidInputError(
    'argument-invalid',
    `${agent} never ran ${to}; it may go back to ${known.slice(1).join(', ') || 'nothing'}.`,
  )
}

/** Command and audit in one append, so that neither is without the other. */
const publish = async (context: RoleContext, command: Command): Promise<string> => {
  const { log, metrics } = context
  const time = now(context)
  const { id, agent, reviewer: actor, type, comment: said } = command
  const target = command.type === 'review' ? command.decisionId : agent
  const action = command.type === 'rollback' ? 'rollback' : command.approved ? 'approve' : 'reject'
  const detail = {
    agent,
    comment: said,
    commandId: id,
    ...(command.type === 'rollback' ? { to: command.to } : {}),
  }
  const entry = { id: digestOf([id, time]), actor, action, target, detail, at: time }
  const event = { source: '/neosigma/api', time }
  await log.append([
    encodeEvent(TOPICS.commands, command, { ...event, id, key: agent }),
    encodeEvent(TOPICS.audit, entry, { ...event, id: entry.id, key: actor }),
  ])
  metrics.count('neosigma.api.commands', 1, { type })
  return id
}
