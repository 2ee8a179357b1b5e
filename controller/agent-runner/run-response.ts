import { z } from 'zod'
import { type RunResponse, runResponse } from '../../schemas/run-protocol.ts'

const EMPTY_USAGE = { inputTokens: 0, outputTokens: 0, llmCalls: 0 }
const MOST_MESSAGE_CHARS = 1000

/** A run without an answer, with the reason. */
export const failedRun = (
  status: 'agent_error' | 'timeout' | 'infra_error',
  kind: string,
  message: string,
): RunResponse => ({
  status,
  usage: EMPTY_USAGE,
  error: { kind, message: message.slice(0, MOST_MESSAGE_CHARS) },
})

export const timedOut = (timeoutMs: number): RunResponse =>
  failedRun('timeout', 'timeout', `No answer within ${timeoutMs} ms.`)

export const answerTooLarge = (maxBytes: number): RunResponse =>
  failedRun('agent_error', 'answer_too_large', `The answer is larger than ${maxBytes} bytes.`)

/**
 * An answer as the protocol has it. An answer of another shape is the agent's fault, alike in both arms, and hence
 * `agent_error`: taken as `infra_error` it would be tried again without end and never count against a candidate that breaks the output.
 */
export const readAnswer = (value: unknown): RunResponse => {
  const parsed = runResponse.safeParse(value)
  return parsed.success
    ? parsed.data
    : failedRun('agent_error', 'invalid_response', z.prettifyError(parsed.error))
}

/** The same for JSON text: the whole text, or its last line that is not blank, so that an agent may log to stdout before it. */
export const readAnswerText = (text: string): RunResponse => {
  const lastLine = text.trimEnd().split('\n').at(-1) ?? ''
  for (const candidate of [text, lastLine]) {
    try {
      return readAnswer(JSON.parse(candidate))
    } catch {
      // Not JSON as a whole: its last line may be.
    }
  }
  return failedRun(
    'agent_error',
    'invalid_json',
    text.trim() === '' ? 'The answer is empty.' : `Not JSON: ${text.trim().slice(0, 200)}`,
  )
}
