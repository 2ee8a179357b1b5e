import { randomUUID } from 'node:crypto'
import { apiUrl } from './api-url.ts'

export interface Feedback {
  /** The run it is about; or `conversationId` for a whole session. */
  readonly traceId?: string
  readonly conversationId?: string
  /** Such as `user_feedback`, `answer_accepted`, `tests_passed`. */
  readonly name: string
  /** From 0 (bad) to 1 (good). */
  readonly value?: number
  readonly label?: string
  readonly comment?: string
  readonly userId?: string
  /** Default `explicit`: a person said so. */
  readonly type?: 'explicit' | 'implicit' | 'downstream' | 'automated'
  /** The same id counts once; default a fresh one. */
  readonly id?: string
}

const ATTEMPTS = 3
/** A host that does not wait for the answer ends no later than this. */
const ATTEMPT_TIMEOUT_MS = 1500

/**
 * Sends feedback on a run to NeoSigma's API (`NEOSIGMA_API_URL`). Answers whether it was taken: false after three
 * attempts. Never rejects.
 */
export const recordFeedback = async (feedback: Feedback): Promise<boolean> => {
  const { conversationId, comment, id, type, ...rest } = feedback
  const signal = {
    ...rest,
    id: id ?? randomUUID(),
    type: type ?? 'explicit',
    source: 'instrumentation',
    at: new Date().toISOString(),
    ...(conversationId === undefined ? {} : { sessionId: conversationId }),
    ...(comment === undefined ? {} : { explanation: comment }),
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const status = await post(`${apiUrl()}/v1/signals`, signal)
    if (status !== null && status < 500 && status !== 429) return status < 300
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt).unref())
  }
  return false
}

const post = async (url: string, body: unknown): Promise<number | null> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return null
  }
}
