import type { RunRequest, RunResponse } from '../../schemas/run-protocol.ts'
import { type AgentRunner, RUNNER_LIMITS, type RunnerLimits } from './agent-runner.ts'
import { evaluationHeaders } from './evaluation-marks.ts'
import { answerTooLarge, failedRun, readAnswerText, timedOut } from './run-response.ts'

/** The agent behind an HTTP endpoint: POST of the request; 200 even when the agent failed. */
export const httpAgentRunner = (
  url: string,
  limits: RunnerLimits = RUNNER_LIMITS,
): AgentRunner => ({
  run: async (request, signal) => {
    const timeout = AbortSignal.timeout(request.limits.timeoutMs)
    try {
      return await post({ url, request, limits, signal: AbortSignal.any([signal, timeout]) })
    } catch (error) {
      if (signal.aborted) return failedRun('infra_error', 'aborted', 'The run was stopped.')
      if (timeout.aborted) return timedOut(request.limits.timeoutMs)
      return failedRun('infra_error', 'unreachable', reasonOf(error))
    }
  },
  close: async () => {},
})

interface Post {
  readonly url: string
  readonly request: RunRequest
  readonly limits: RunnerLimits
  readonly signal: AbortSignal
}

const post = async ({ url, request, limits, signal }: Post): Promise<RunResponse> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...evaluationHeaders(request) },
    body: JSON.stringify(request),
    // A redirected POST may turn into a GET: whoever moved the endpoint should correct the configuration.
    redirect: 'error',
    signal,
  })
  const text = await readCapped(response, limits.maxAnswerBytes)
  if (!response.ok) return refused(response.status, text ?? '')
  return text === null ? answerTooLarge(limits.maxAnswerBytes) : readAnswerText(text)
}

/** 429 and 5xx tell of the server's state, other codes of this request. */
const refused = (status: number, text: string): RunResponse =>
  failedRun(
    status === 429 || status >= 500 ? 'infra_error' : 'agent_error',
    `http_${status}`,
    text.trim().slice(0, 500) || `HTTP status ${status}.`,
  )

/** The body, or null as soon as it is longer than the cap. */
const readCapped = async (response: Response, maxBytes: number): Promise<string | null> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, so that an endless answer ends here.
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** fetch says only `fetch failed`; the cause has the address and the code. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
