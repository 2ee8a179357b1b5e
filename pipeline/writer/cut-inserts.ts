/** An insert that is being filled, and what would join it. */
export interface InsertSize {
  /** Offset of its first record. */
  readonly offset: bigint
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

/** Whether the next record begins a new insert. */
export const beginsInsert = (open: InsertSize, next: InsertSize): boolean =>
  open.offset / BOUNDARY_OFFSETS !== next.offset / BOUNDARY_OFFSETS ||
  open.rows + next.rows > MOST_ROWS ||
  open.bytes + next.bytes > MOST_BYTES
