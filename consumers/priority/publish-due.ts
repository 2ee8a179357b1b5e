/** What of a ranking is not published yet. */
export interface Unpublished {
  /** Time of the last publication; null where there was none. */
  readonly lastMs: number | null
  /** Since when anything differs from what was published; null where nothing does. */
  readonly changedMs: number | null
  /** A cluster came, went, or differs by more than the hysteresis. */
  readonly isMaterial: boolean
}

export interface PublishPacing {
  /** Least time between two publications of an agent. */
  readonly pauseMs: number
  /** What is not material waits so long at most. */
  readonly delayMs: number
  /** So old the newest publication may become, also where nothing changes. */
  readonly ageMs: number
}

/** When a ranking is to be published; infinite where there is nothing to publish. */
export const publishDueMs = (
  { lastMs, changedMs, isMaterial }: Unpublished,
  { pauseMs, delayMs, ageMs }: PublishPacing,
): number => {
  const byAge = lastMs === null ? Number.POSITIVE_INFINITY : lastMs + ageMs
  if (changedMs === null) return byAge
  const wanted = isMaterial ? changedMs : changedMs + delayMs
  return Math.min(byAge, Math.max(wanted, lastMs === null ? wanted : lastMs + pauseMs))
}

/** A priority that is so many times what was published, or so much less, is another one. */
const HYSTERESIS = 1.05

/**
 * Whether two rank keys of a cluster differ by more than the hysteresis: keys are logarithms that time does not change, so
 * their difference is that of the priorities at every time. `undefined` or null is a cluster that is not there.
 */
export const isAnotherKey = (
  published: number | null | undefined,
  now: number | null | undefined,
): boolean => {
  const before = published ?? null
  const after = now ?? null
  if (before === null || after === null) return before !== after
  return before !== after && !(Math.abs(after - before) <= Math.log(HYSTERESIS))
}
