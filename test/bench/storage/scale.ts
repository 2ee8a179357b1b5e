export const SPANS_PER_TRACE = 10
export const DAY_SECONDS = 86_400
const RETENTION_DAYS = 29

/** One size of the store: so many spans, spread over the days of their retention. */
export interface Scale {
  readonly spans: number
  readonly traces: number
  readonly days: number
  /** When the last trace began. */
  readonly untilMs: number
}

export const scaleOf = (spans: number, untilMs: number): Scale => ({
  spans,
  traces: spans / SPANS_PER_TRACE,
  days: RETENTION_DAYS,
  untilMs,
})
