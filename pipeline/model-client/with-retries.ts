import type { Clock } from '../service-runtime/clock.ts'
import type { ModelFailure } from './model-failure.ts'

export type Attempt<Answer> =
  | { readonly status: 'ok'; readonly answer: Answer }
  | { readonly status: 'failed'; readonly failure: ModelFailure }

export interface RetryPolicy {
  readonly clock: Clock
  readonly maxRetries: number
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** An endpoint that asks for a longer pause is given up for now: the caller has something else to do. */
const LONGEST_RETRY_AFTER_MS = 60_000
/** The same question mostly gets the same answer: nonsense is worth one more try, not all of them. */
const UNUSABLE_RETRIES = 1

/** Tries again what may pass, after a growing pause or the one that the endpoint asks for; the last failure is answered. */
export const withRetries = async <Answer>(
  { clock, maxRetries }: RetryPolicy,
  attempt: () => Promise<Attempt<Answer>>,
): Promise<Attempt<Answer>> => {
  for (let retries = 0; ; retries += 1) {
    const result = await attempt()
    if (result.status === 'ok') return result
    const waitMs = pauseOf(result.failure, retries, maxRetries)
    if (waitMs === null) return result
    await clock.sleep(waitMs)
  }
}

const pauseOf = (failure: ModelFailure, retries: number, maxRetries: number): number | null => {
  const most =
    failure.kind === 'passing'
      ? maxRetries
      : failure.kind === 'unusable'
        ? Math.min(UNUSABLE_RETRIES, maxRetries)
        : 0
  const asked = failure.error.retryAfterMs ?? 0
  if (retries >= most || asked > LONGEST_RETRY_AFTER_MS) return null
  return Math.max(asked, Math.min(FIRST_PAUSE_MS * 2 ** retries, LONGEST_PAUSE_MS))
}
