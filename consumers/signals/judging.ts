import { METRICS, type MetricTable } from './metric-table.ts'
import type { Reliability } from './reliability.ts'

/** All that scores are read and weighed by, at one moment. */
export interface Judging {
  readonly metrics: MetricTable
  /** Measured scorers by `scorerKey`; one that is not here has the prior's weight. */
  readonly reliability: ReadonlyMap<string, Reliability>
  readonly calibrate: boolean
  /** Ids of signals by users who have said more in the window than counts. */
  readonly overLimit: ReadonlySet<string>
}

/** Before anything is measured. */
export const UNMEASURED: Judging = {
  metrics: METRICS,
  reliability: new Map(),
  calibrate: true,
  overLimit: new Set(),
}
