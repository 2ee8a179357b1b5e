/** What an insert holds. */
export interface InsertSize {
  readonly rows: number
  readonly bytes: number
}

/**
 * Inserts end at multiples of this offset: after a restart the same records form the same inserts, whose tokens the
 * store knows, however the log cuts its batches.
 */
const BOUNDARY_OFFSETS = 5000n

/** What one insert may hold, so that memory does not depend on what senders do. A single record is always taken. */
const MOST_ROWS = 20_000
const MOST_BYTES = 16 * 1024 * 1024

/** Whether an insert that begins at an offset ends before another. */
export const endsBetween = (first: bigint, next: bigint): boolean =>
  first / BOUNDARY_OFFSETS !== next / BOUNDARY_OFFSETS

/** Whether what an insert would hold with one more record is too much. */
export const isTooLarge = ({ rows, bytes }: InsertSize): boolean =>
  rows > MOST_ROWS || bytes > MOST_BYTES
