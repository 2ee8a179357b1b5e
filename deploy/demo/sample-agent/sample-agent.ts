import { type LiveConfig, withIdentity } from '@neosigma/instrumentation'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { APIConnectionError, APIError } from 'openai'
import { agentConfig } from '../../../schemas/agent-config.ts'
import type { RunRequest, RunResponse } from '../../../schemas/run-protocol.ts'
import { type Answer, answerMessage, type Conversation, type Equipment } from './answer-message.ts'
import { atTime } from './simulated-time.ts'

export interface ChatRequest {
  readonly message: string
  readonly topic: string
  readonly session: string
  readonly user: string
  readonly atMs: number | null
}

export interface ChatReply {
  readonly answer: string
  readonly traceId: string
  readonly version: string
}

/** The agent as its owner would write it. */
export interface SampleAgent extends Equipment {
  readonly live: LiveConfig
}

const tracer = trace.getTracer('sample-agent')

/** Answers a user with the live configuration of the user's session. */
export const chat = (agent: SampleAgent, request: ChatRequest): Promise<ChatReply> => {
  const { message, topic, session, user, atMs } = request
  const { digest, config } = agent.live.forSession(session)
  const identity = {
    ...versionOf(agent, digest),
    conversationId: session,
    userId: user,
    taskType: topic,
  }
  return atTime(atMs, () =>
    withIdentity(identity, async () => {
      const conversation = { message, config: agentConfig.parse(config) }
      const { answer, traceId } = await invoke(agent, conversation)
      return { answer: answer.text, traceId, version: digest }
    }),
  )
}

/** Runs a candidate on a task for the improvement loop (neosigma.run/1). Such runs are marked: they are no traffic. */
export const runTask = async (
  agent: SampleAgent,
  { task, candidate, seed }: RunRequest,
): Promise<RunResponse> => {
  const message = typeof task.input === 'string' ? task.input : JSON.stringify(task.input)
  const identity = { ...versionOf(agent, candidate.digest), evaluation: true }
  try {
    const { answer } = await withIdentity(identity, () =>
      invoke(agent, { message, seed, config: candidate.config }),
    )
    const { inputTokens, outputTokens, modelCalls, toolCalls } = answer
    return {
      status: 'ok',
      output: answer.text,
      usage: { inputTokens, outputTokens, llmCalls: modelCalls },
      toolCalls: [...toolCalls],
    }
  } catch (error) {
    const isAway = isModelAway(error)
    return {
      status: isAway ? 'infra_error' : 'agent_error',
      usage: { inputTokens: 0, outputTokens: 0, llmCalls: 0 },
      error: { kind: isAway ? 'model_away' : 'crash', message: String(error) },
    }
  }
}

/** A model that is not reached, limits the rate or fails itself says nothing about the candidate. */
const isModelAway = (error: unknown): boolean =>
  error instanceof APIConnectionError ||
  (error instanceof APIError && (error.status === 429 || error.status >= 500))

const versionOf = ({ world }: SampleAgent, digest: string) => ({
  agentName: world.agent.name,
  agentVersion: digest,
  promptName: world.agent.promptId,
  promptVersion: digest,
})

const invoke = (
  { client, world, drifts }: SampleAgent,
  conversation: Conversation,
): Promise<{ readonly answer: Answer; readonly traceId: string }> =>
  tracer.startActiveSpan(`invoke_agent ${world.agent.name}`, async (span) => {
    span.setAttributes({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.input.messages': messagesJson('user', conversation.message),
    })
    try {
      const answer = await answerMessage({ client, world, drifts }, conversation)
      span.setAttribute('gen_ai.output.messages', messagesJson('assistant', answer.text))
      return { answer, traceId: span.spanContext().traceId }
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error))
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
      throw error
    } finally {
      span.end()
    }
  })

const messagesJson = (role: string, content: string): string =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }])
