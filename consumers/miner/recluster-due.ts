import type { Drift } from './miner-state.ts'

export interface ReclusteringPace {
  readonly reclusterMs: number
  readonly scheduleMs: number
}

/** So many times as long as the last re-clustering took there is none. */
const REST = 4
/** Shares of the failures that the last clustering was made of. */
const MOST_STRANGERS = 0.02
const MOST_CHANGES = 0.1

/** Whether so much is new since the last clustering that it no longer says what the failures are. */
export const hasDrifted = ({ changes, strangers, basis }: Drift): boolean =>
  (strangers > 0 && strangers >= MOST_STRANGERS * basis) ||
  (changes > 0 && changes >= MOST_CHANGES * basis)

/** Whether a window is to be clustered anew: something has changed, and it has drifted or the schedule says so. */
export const isReclusteringDue = (
  {
    dirty,
    drift,
    reclusteredAtMs,
    reclusteringMs,
  }: {
    readonly dirty: boolean
    readonly drift: Drift
    readonly reclusteredAtMs: number
    readonly reclusteringMs: number
  },
  nowMs: number,
  { reclusterMs, scheduleMs }: ReclusteringPace,
): boolean => {
  if (!dirty) return false
  const sinceMs = nowMs - reclusteredAtMs
  if (sinceMs < Math.max(reclusterMs, REST * reclusteringMs)) return false
  return hasDrifted(drift) || sinceMs >= scheduleMs
}
