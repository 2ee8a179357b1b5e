import { TransientError } from '../../schemas/errors.ts'

/** The bytes that one request holds. */
export interface ByteLease {
  /** @throws TransientError `receiver-busy` */
  take(bytes: number): void
  release(): void
}

const RETRY_AFTER_MS = 1000

/** Bounds the bytes of all requests in flight, so that many senders at once cannot fill the memory. */
export const byteBudget = (maxBytes: number): (() => ByteLease) => {
  let used = 0
  return () => {
    let mine = 0
    return {
      take: (bytes) => {
        if (used + bytes > maxBytes) {
          const detail = `${used} bytes are in flight, the most is ${maxBytes}`
          throw new TransientError('receiver-busy', detail, { retryAfterMs: RETRY_AFTER_MS })
        }
        used += bytes
        mine += bytes
      },
      release: () => {
        used -= mine
        mine = 0
      },
    }
  }
}
