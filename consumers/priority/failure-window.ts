/** A failure as the window counts it, at its event time. */
export interface CountedFailure {
  readonly score: number
  readonly atMs: number
}

/** What a window knows of a cluster's failures. Enough for the priority: no list of failures is kept. */
export interface FailureCounts {
  readonly count: number
  /** Sum of scores in units of 2⁻³²: integers add up to the same whatever their order. */
  readonly scoreUnits: number
  /** 0 where there are no failures. */
  readonly latestMs: number
}

export interface WindowOperator<In, Acc, Out> {
  readonly empty: Acc
  readonly add: (acc: Acc, record: In) => Acc
  /** Associative and commutative. */
  readonly merge: (a: Acc, b: Acc) => Acc
  readonly result: (acc: Acc, atMs: number) => Out
}

export interface WindowFigures {
  readonly failures: number
  readonly meanScore: number
  readonly hoursSinceLatest: number
}

/** Units of a score: SQL does the same with `toInt64(floor(Score * 4294967296 + 0.5))`. */
export const SCORE_UNITS = 4_294_967_296
export const HOUR_MS = 3_600_000

/** Counts failures. The order of adding and merging never matters, to the last bit. */
export const failureWindow: WindowOperator<CountedFailure, FailureCounts, WindowFigures> = {
  empty: { count: 0, scoreUnits: 0, latestMs: 0 },
  add: (counts, { score, atMs }) => ({
    count: counts.count + 1,
    scoreUnits: counts.scoreUnits + Math.floor(score * SCORE_UNITS + 0.5),
    latestMs: Math.max(counts.latestMs, atMs),
  }),
  merge: (a, b) => ({
    count: a.count + b.count,
    scoreUnits: a.scoreUnits + b.scoreUnits,
    latestMs: Math.max(a.latestMs, b.latestMs),
  }),
  result: ({ count, scoreUnits, latestMs }, atMs) => ({
    failures: count,
    meanScore: count === 0 ? 0 : Math.min(1, scoreUnits / SCORE_UNITS / count),
    hoursSinceLatest: count === 0 ? 0 : Math.max(0, atMs - latestMs) / HOUR_MS,
  }),
}

/** First instant of the window at a time: whole panes of an hour, the oldest one that reaches into it included. */
export const windowStartMs = (atMs: number, windowHours: number): number =>
  Math.floor((atMs - windowHours * HOUR_MS) / HOUR_MS) * HOUR_MS
