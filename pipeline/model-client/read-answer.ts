import { z } from 'zod'
import type { ChatAnswer } from './model-client.ts'

/** What was understood of an answer; tokens are paid for either way. */
export type ReadAnswer =
  | { readonly status: 'usable'; readonly answer: ChatAnswer }
  | { readonly status: 'unusable'; readonly reason: string; readonly usage: Usage }

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

const completion = z.looseObject({
  model: z.string().nullish(),
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish(),
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
})
type Completion = z.infer<typeof completion>

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0 }

/** English text has about four characters a token: an estimate where the endpoint does not count. */
const CHARS_PER_TOKEN = 4

export interface Expectation {
  /** The model asked for, where the answer does not name one. */
  readonly model: string
  readonly promptChars: number
  /** The text is to be JSON. */
  readonly json: boolean
}

/** The first choice of a chat completion as an answer, or why there is none. */
export const readAnswer = (body: unknown, expected: Expectation): ReadAnswer => {
  const parsed = completion.safeParse(body)
  if (!parsed.success)
    return {
      status: 'unusable',
      reason: `the answer is no chat completion: ${z.prettifyError(parsed.error)}`,
      usage: NOTHING,
    }
  const usage = usageOf(parsed.data, expected)
  const content = contentOf(parsed.data, expected.json)
  if ('reason' in content) return { status: 'unusable', reason: content.reason, usage }
  const model = parsed.data.model ?? expected.model
  return { status: 'usable', answer: { text: content.text, model, ...usage } }
}

const contentOf = (
  { choices }: Completion,
  json: boolean,
): { readonly text: string } | { readonly reason: string } => {
  const message = choices[0]?.message
  const finish = choices[0]?.finish_reason ?? 'unknown'
  if (typeof message?.refusal === 'string' && message.refusal !== '')
    return { reason: 'the model refused' }
  if (finish === 'content_filter') return { reason: 'the answer was filtered' }
  const text = message?.content?.trim() ?? ''
  if (text === '') return { reason: `the answer is empty (finish reason ${finish})` }
  if (!json) return { text }
  const found = jsonTextOf(text)
  return found === null
    ? { reason: `the answer is not JSON (finish reason ${finish})` }
    : { text: found }
}

/** The JSON in a text that may think aloud first, or put a fence or a sentence around it. */
const jsonTextOf = (text: string): string | null => {
  const spoken = text.replace(/^<think>[\s\S]*?<\/think>/, '').trim()
  const outer = spoken.slice(spoken.search(/[[{]/), Math.max(...closings(spoken)) + 1)
  return [spoken, outer].find(isJson) ?? null
}

const closings = (text: string): readonly number[] => [text.lastIndexOf(']'), text.lastIndexOf('}')]

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const usageOf = ({ usage, choices }: Completion, { promptChars }: Expectation): Usage => ({
  inputTokens: usage?.prompt_tokens ?? Math.ceil(promptChars / CHARS_PER_TOKEN),
  outputTokens:
    usage?.completion_tokens ??
    Math.ceil((choices[0]?.message.content?.length ?? 0) / CHARS_PER_TOKEN),
})
