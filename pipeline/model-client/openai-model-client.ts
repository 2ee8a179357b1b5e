import { OpenAI } from 'openai'
import type { Logger } from 'pino'
import { withIdentity } from '../../instrumentation/identity.ts'
import { ConfigError } from '../../schemas/errors.ts'
import type { Clock } from '../service-runtime/clock.ts'
import type { Metrics } from '../service-runtime/metrics.ts'
import type { Secret } from '../service-runtime/secrets.ts'
import { avoidNext, type ChatBody, chatBody } from './chat-body.ts'
import type { ChatAnswer, ChatRequest, ModelClient } from './model-client.ts'
import { modelFailure, unusableAnswer } from './model-failure.ts'
import { readAnswer, type Usage } from './read-answer.ts'
import { readVectors } from './read-vectors.ts'
import { type Attempt, withRetries } from './with-retries.ts'

export interface ModelEndpoint {
  readonly baseUrl: string
  /** null for endpoints that take any key. */
  readonly apiKey: Secret | null
  readonly model: string
  readonly embeddingModel: string | null
  readonly timeoutMs: number
  readonly maxRetries: number
}

export interface ModelServices {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Texts per request for embeddings; endpoints take at least as many. */
const EMBEDDING_BATCH = 256

/** Gateways that trace what passes through them carry baggage into their spans, where the receiver finds the mark. */
const MARKS = { baggage: 'neosigma.internal=1', 'x-neosigma-internal': '1' }

/** The port on any endpoint that speaks OpenAI's chat completions and embeddings. */
export const openaiModelClient = (
  endpoint: ModelEndpoint,
  services: ModelServices,
): ModelClient => {
  const client = openClient(endpoint)
  const avoided = new Set<string>()
  const call = caller(endpoint, services)
  return {
    chat: (request) => chat({ client, call, endpoint, avoided }, request),
    embed: async (texts) => {
      const { embeddingModel: model } = endpoint
      if (model === null)
        throw new ConfigError('config-invalid', 'No embedding model (NEOSIGMA_EMBEDDING_MODEL).')
      const vectors: Float32Array[] = []
      for (let start = 0; start < texts.length; start += EMBEDDING_BATCH)
        vectors.push(
          ...(await embedBatch(
            { client, call, model },
            texts.slice(start, start + EMBEDDING_BATCH),
          )),
        )
      return vectors
    },
  }
}

/** The client takes what it is not told from the environment: everything that could be there is told. */
const openClient = ({ baseUrl, apiKey, timeoutMs }: ModelEndpoint): OpenAI =>
  new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey?.reveal() ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    defaultHeaders: MARKS,
  })

type Read<Answer> =
  | { readonly status: 'usable'; readonly answer: Answer; readonly usage: Usage }
  | { readonly status: 'unusable'; readonly reason: string; readonly usage: Usage }

type Call = <Answer>(
  purpose: string,
  send: (signal: AbortSignal) => Promise<unknown>,
  read: (body: unknown) => Read<Answer>,
) => Promise<Attempt<Answer>>

/** One call with its retries: marked as our own, bounded in time with its body, counted each time. */
const caller = (
  { timeoutMs, maxRetries }: ModelEndpoint,
  { clock, logger, metrics }: ModelServices,
): Call => {
  const count = (purpose: string, outcome: string, usage?: Usage): void => {
    metrics.count('neosigma.model.calls', 1, { purpose, outcome })
    if (usage === undefined) return
    const { inputTokens, outputTokens } = usage
    metrics.count('neosigma.model.tokens', inputTokens, { purpose, outcome, direction: 'input' })
    metrics.count('neosigma.model.tokens', outputTokens, { purpose, outcome, direction: 'output' })
  }
  return (purpose, send, read) =>
    withRetries({ clock, maxRetries }, async () => {
      try {
        const body = await withIdentity({ internal: true }, () =>
          // The client's own time limit ends with the headers; a body may hang as well.
          send(AbortSignal.timeout(timeoutMs)),
        )
        const answer = read(body)
        if (answer.status === 'usable') {
          count(purpose, 'ok', answer.usage)
          return { status: 'ok', answer: answer.answer }
        }
        count(purpose, 'model-answer-unusable', answer.usage)
        return { status: 'failed', failure: unusableAnswer(answer.reason) }
      } catch (cause) {
        const failure = modelFailure(cause, clock.nowMs())
        count(purpose, failure.error.code)
        logger.debug({ purpose, failure: failure.kind, err: failure.error }, 'model call failed')
        return { status: 'failed', failure }
      }
    })
}

interface ChatContext {
  readonly client: OpenAI
  readonly call: Call
  readonly endpoint: ModelEndpoint
  /** What this endpoint was found to refuse, so that it is asked without from the start. */
  readonly avoided: Set<string>
}

const chat = async (
  { client, call, endpoint: { model }, avoided }: ChatContext,
  request: ChatRequest,
): Promise<ChatAnswer> => {
  const avoid = new Set(avoided)
  for (;;) {
    const body = chatBody(model, request, avoid)
    const result = await call(
      request.purpose,
      (signal) => client.chat.completions.create(body, { signal }),
      (answered) => readChat(answered, body, request.schema !== undefined),
    )
    if (result.status === 'ok') {
      for (const field of avoid) avoided.add(field)
      return result.answer
    }
    const { failure } = result
    const field = failure.kind === 'form-refused' ? avoidNext(body, failure.param) : null
    if (field === null || avoid.has(field)) throw failure.error
    avoid.add(field)
  }
}

const readChat = (answered: unknown, body: ChatBody, json: boolean): Read<ChatAnswer> => {
  const promptChars = body.messages.reduce((sum, { content }) => sum + content.length, 0)
  const read = readAnswer(answered, { model: body.model, promptChars, json })
  return read.status === 'usable' ? { ...read, usage: read.answer } : read
}

interface EmbedContext {
  readonly client: OpenAI
  readonly call: Call
  readonly model: string
}

const embedBatch = async (
  { client, call, model }: EmbedContext,
  texts: readonly string[],
): Promise<readonly Float32Array[]> => {
  // Endpoints refuse the empty text.
  const input = texts.map((text) => (text === '' ? ' ' : text))
  const result = await call(
    'embedding',
    (signal) => client.embeddings.create({ model, input, encoding_format: 'float' }, { signal }),
    (answered) => {
      const read = readVectors(answered, input.length)
      const estimate = Math.ceil(input.join('').length / 4)
      return read.status === 'usable'
        ? {
            status: 'usable',
            answer: read.vectors,
            usage: { inputTokens: read.inputTokens ?? estimate, outputTokens: 0 },
          }
        : { ...read, usage: { inputTokens: 0, outputTokens: 0 } }
    },
  )
  if (result.status === 'failed') throw result.failure.error
  return result.answer
}
