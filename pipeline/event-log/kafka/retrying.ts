import { setTimeout as pause } from 'node:timers/promises'
import { TransientError } from '../../../schemas/errors.ts'

/**
 * The waits of a request add up to 4.5 s: longer than a broker needs to come back (4 s), shorter than the 10 s after which
 * an OTLP exporter gives up its request.
 */
export const RETRY = {
  initialRetryTime: 100,
  multiplier: 2,
  maxRetryTime: 1000,
  factor: 0.1,
  retries: 7,
} as const
export const CONNECT_TIMEOUT_MS = 3000
export const REQUEST_TIMEOUT_MS = 10_000

/** Tries again after `pauseMs` while the error is a TransientError, until there have been so many tries. */
export const retrying = async <Result>(
  { tries, pauseMs }: { readonly tries: number; readonly pauseMs: number },
  act: () => Promise<Result>,
): Promise<Result> => {
  for (let left = tries - 1; ; left--) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof TransientError) || left <= 0) throw error
      await pause(pauseMs)
    }
  }
}
