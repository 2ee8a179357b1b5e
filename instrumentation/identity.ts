import { type Attributes, type Context, context, createContextKey } from '@opentelemetry/api'

/** Who acts, for whom, and in which version. It is stamped on every span and log record inside. */
export interface Identity {
  readonly agentName?: string
  readonly agentVersion?: string
  readonly promptName?: string
  readonly promptVersion?: string
  /** Session: links the runs of one conversation. */
  readonly conversationId?: string
  readonly userId?: string
  /** Kind of task, such as `refund`: failures are mined and thresholds set by it. */
  readonly taskType?: string
  /** True for runs that an evaluation makes: they are no production traffic. */
  readonly evaluation?: boolean
  /** True for NeoSigma's own model calls: they are nobody's agent. */
  readonly internal?: boolean
}

const IDENTITY = createContextKey('neosigma.identity')

/** Runs `work` under an identity; an inner identity adds to the outer one. Asynchronous work stays inside. */
export const withIdentity = <T>(identity: Identity, work: () => T): T => {
  const active = context.active()
  return context.with(active.setValue(IDENTITY, { ...identityOf(active), ...identity }), work)
}

/** The identity of a context; empty where none was set. */
export const identityOf = (of: Context): Identity => (of.getValue(IDENTITY) ?? {}) as Identity

/** Attribute names are those of the GenAI semantic conventions, where there is one. */
export const attributesOf = (identity: Identity): Attributes => {
  const all: Attributes = {
    'gen_ai.agent.name': identity.agentName,
    'gen_ai.agent.version': identity.agentVersion,
    'gen_ai.prompt.name': identity.promptName,
    'gen_ai.prompt.version': identity.promptVersion,
    'gen_ai.conversation.id': identity.conversationId,
    'user.id': identity.userId,
    'neosigma.task.type': identity.taskType,
    'neosigma.evaluation': identity.evaluation,
    'neosigma.internal': identity.internal,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
