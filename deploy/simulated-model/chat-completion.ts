import { z } from 'zod'
import { sha256 } from '../../schemas/canonical-json.ts'
import { agentTurn } from './agent-turn.ts'
import { reflect } from './reflect.ts'
import type { World } from './world.ts'

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() })
const message = z.looseObject({
  role: z.string(),
  content: z
    .union([z.string(), z.array(contentPart)])
    .nullish()
    .transform((content) =>
      Array.isArray(content) ? content.map((part) => part.text ?? '').join('') : (content ?? ''),
    ),
})

/** What of OpenAI's `POST /v1/chat/completions` the simulated model reads. */
export const chatCompletionRequest = z.looseObject({
  model: z.string(),
  messages: z.array(message).min(1),
  seed: z.number().nullish(),
  stream: z.boolean().nullish(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z.looseObject({ name: z.string(), schema: z.unknown() }).optional(),
    })
    .nullish(),
})
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>

interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface ChatCompletion {
  readonly id: string
  readonly object: 'chat.completion'
  readonly created: number
  readonly model: string
  readonly choices: readonly [
    {
      readonly index: 0
      readonly message: {
        readonly role: 'assistant'
        readonly content: string | null
        readonly refusal: null
        readonly tool_calls?: readonly ToolCall[]
      }
      readonly finish_reason: 'stop' | 'tool_calls'
      readonly logprobs: null
    },
  ]
  readonly usage: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly total_tokens: number
  }
}

export interface Simulation {
  readonly world: World
  readonly seed: string
  readonly drifts: ReadonlySet<string>
}

/** About four characters a token, as English text has. */
const tokensOf = (text: string): number => Math.max(1, Math.ceil(text.length / 4))

/** Answers a request as the world says. `createdSeconds` is the time of the answer. */
export const chatCompletion = (
  simulation: Simulation,
  request: ChatCompletionRequest,
  createdSeconds: number,
): ChatCompletion => {
  const asked = request.messages.map(({ content }) => content).join('\n')
  const schema = request.response_format?.json_schema
  const answered =
    schema === undefined
      ? agentAnswer(simulation, request)
      : {
          content: JSON.stringify(
            reflect(simulation.world, {
              schemaName: schema.name,
              schema: schema.schema,
              text: asked,
            }),
          ),
        }
  const { content, call } = { call: undefined, ...answered }
  const promptTokens = tokensOf(asked)
  const completionTokens = tokensOf(content ?? call?.function.arguments ?? '')
  return {
    id: `chatcmpl-${sha256(`${asked}\n${createdSeconds}`).slice(0, 24)}`,
    object: 'chat.completion',
    created: createdSeconds,
    model: request.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content,
          refusal: null,
          ...(call === undefined ? {} : { tool_calls: [call] }),
        },
        finish_reason: call === undefined ? 'stop' : 'tool_calls',
        logprobs: null,
      },
    ],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  }
}

const agentAnswer = (
  { world, seed, drifts }: Simulation,
  { messages, seed: requestSeed }: ChatCompletionRequest,
): { readonly content: string | null; readonly call?: ToolCall } => {
  const lastUser = messages.findLastIndex(({ role }) => role === 'user')
  const results = messages.slice(lastUser + 1).filter(({ role }) => role === 'tool').length
  const turn = agentTurn(world, {
    systemPrompt: messages
      .filter(({ role }) => role === 'system' || role === 'developer')
      .map(({ content }) => content)
      .join('\n'),
    userMessage: messages[lastUser]?.content ?? '',
    toolResults: results,
    seed: `${seed}:${requestSeed ?? ''}`,
    drifts,
  })
  if (turn.type === 'answer') return { content: turn.text }
  const id = `call_${sha256(`${messages[lastUser]?.content}\n${results}`).slice(0, 20)}`
  return {
    content: null,
    call: { id, type: 'function', function: { name: turn.tool, arguments: turn.arguments } },
  }
}
