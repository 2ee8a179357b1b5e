/** An attempt at records that did not come to its end. */
export interface Attempt {
  readonly id: string
  /** Offsets of the first and the last record that were in hand. */
  readonly first: bigint
  readonly last: bigint
  /** What was thrown; null where the process ended without a word. */
  readonly failure: string | null
  /** When it was last noted. */
  readonly atMs: number
}

/** So many ends without a word before records are suspected: processes are killed for other reasons, too, and pieces cost inserts. */
const SILENT_ENDS = 4
/** So many ends without a word, two of them with the record alone, before it is passed over untried. */
const SILENT_ENDS_OF_ONE = 6
/** And for so long: whoever kills processes again and again, at whatever place, seldom does so for minutes. */
const SILENT_SPAN_MS = 300_000
/** Two ends count as no further apart than this, so that a clock that jumps makes no minutes. */
const LONGEST_GAP_MS = 60_000
/** A suspected range is tried in about so many pieces, and a short one record by record. */
const PIECES = 64
const SHORT_RECORDS = 128n

/** The attempts that had the record in hand. */
export const attemptsAt = (attempts: readonly Attempt[], offset: bigint): readonly Attempt[] =>
  attempts.filter(({ first, last }) => first <= offset && offset <= last)

/**
 * How many of the next `count` records, which begin at `offset`, are tried together: all of them, or fewer the narrower
 * the range is that is suspected.
 */
export const recordsTogether = (
  attempts: readonly Attempt[],
  offset: bigint,
  count: number,
): number => {
  const before = attemptsAt(attempts, offset)
  const isSuspected = before.length >= SILENT_ENDS || before.some(({ failure }) => failure !== null)
  if (!isSuspected) return count
  const lengths = before.map(({ first, last }) => last - first + 1n)
  // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint.
  const narrowest = lengths.reduce((least, length) => (length < least ? length : least))
  return narrowest <= SHORT_RECORDS ? 1 : Math.ceil(Number(narrowest) / PIECES)
}

/** Whether an attempt threw that had the record in hand: where it throws again, alone, it is at fault. */
export const hasFailed = (attempts: readonly Attempt[], offset: bigint): boolean =>
  attemptsAt(attempts, offset).some(({ failure }) => failure !== null)

/** Whether the record ended the process so often, over minutes, without a word that it is not tried again. */
export const endsProcesses = (attempts: readonly Attempt[], offset: bigint): boolean => {
  const before = attemptsAt(attempts, offset)
  const alone = before.filter(({ first, last }) => first === last)
  return (
    before.length >= SILENT_ENDS_OF_ONE && alone.length >= 2 && spanMs(before) >= SILENT_SPAN_MS
  )
}

const spanMs = (attempts: readonly Attempt[]): number =>
  attempts.reduce((sum, { atMs }, place) => {
    const gapMs = atMs - (attempts[place - 1]?.atMs ?? atMs)
    return sum + Math.min(Math.max(gapMs, 0), LONGEST_GAP_MS)
  }, 0)
