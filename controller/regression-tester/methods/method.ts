/** What is asked of a test: no worse than −margin, at error rate alpha. */
export interface Question {
  readonly margin: number
  readonly alpha: number
}

/** The three answers; doubt is a verdict of its own and never ships. */
export type ThreeVerdicts = 'non-inferior' | 'inferior' | 'inconclusive'

export interface MethodResult {
  readonly verdict: ThreeVerdicts
  /** Differences that were looked at before the test stopped. */
  readonly n: number
  /** Mean of those. */
  readonly effect: number
  /** One-sided bounds, each at alpha. */
  readonly interval: readonly [number, number]
  readonly reasons: readonly string[]
}

/**
 * A test of paired differences in [−1, 1], in an order that was drawn before it began. Sequential ones stop where they
 * are sure. Pure: the same differences give the same answer.
 */
export type Method = (differences: readonly number[], question: Question) => MethodResult
