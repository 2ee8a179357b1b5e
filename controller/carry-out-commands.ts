import { decodeBatch, sendToDeadLetter } from '../pipeline/event-log/decode-batch.ts'
import type { RecordBatch, StoredRecord } from '../pipeline/event-log/event-log.ts'
import { InvalidInputError } from '../schemas/errors.ts'
import type { Command } from '../schemas/operation-events.ts'
import { TOPICS } from '../schemas/topics.ts'
import { type ControllerSession, factsOf, type ImprovedAgent } from './controller-session.ts'
import { decideCommand } from './cycle/decide-command.ts'

/**
 * Carries out what people ask for, in order, and commits. A command is carried out when its events are on the log; read
 * again after a crash it is known there. What cannot be done goes to the dead letters with its reason.
 */
export const carryOutCommands = async (
  session: ControllerSession,
  batch: RecordBatch,
): Promise<void> => {
  const { context } = session
  for (const { record, event } of await decodeBatch(
    context,
    'controller',
    TOPICS.commands,
    batch,
  )) {
    await carryOut(session, record, event)
    await batch.heartbeat()
  }
  await batch.commit()
}

const carryOut = async (
  session: ControllerSession,
  record: StoredRecord,
  command: Command,
): Promise<void> => {
  const { context, view } = session
  const settings = context.configuration.agents[command.agent]
  if (settings === undefined)
    return refuse(session, record, new InvalidInputError('not-found', `No agent ${command.agent}.`))
  const agent: ImprovedAgent = { session, name: command.agent, settings }
  const { id, type } = command
  // Asked again after each attempt: an event that came first on the log may have settled the matter.
  for (;;) {
    const answer = decideCommand(view.agent(command.agent), factsOf(agent), command)
    if (answer.type === 'known') break
    if (answer.type === 'refused')
      return refuse(session, record, new InvalidInputError(answer.code, answer.reason))
    await view.append(answer.events)
  }
  context.metrics.count('neosigma.controller.commands', 1, { agent: command.agent, type })
  context.logger.info({ agent: command.agent, id, type }, 'command carried out')
}

const refuse = async (
  { context }: ControllerSession,
  record: StoredRecord,
  error: InvalidInputError,
): Promise<void> => sendToDeadLetter(context, 'controller', record, error)
