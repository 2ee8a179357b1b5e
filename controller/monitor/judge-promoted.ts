import type { Policy } from '../../schemas/policy.ts'
import { dropDetector } from '../regression-tester/drop-detector.ts'
import { meanScore, type ReleaseJudgement, type WatchedRun } from './release-judgement.ts'
import type { ReleaseWatch } from './release-watch.ts'

/** Mean number of runs to a false alarm, in units of 1/alpha: 1000 at alpha .05. */
const RUNS_PER_ALPHA = 50

/**
 * The promoted version against the level of the one before it: an e-detector on its runs since the promotion, for a
 * mean below that level less the tolerance. While it is not below, the mean run to an alarm is at least 50/alpha runs.
 * Without enough runs of the version before there is no level and no alarm. null: nothing is shown.
 */
export const judgePromoted = (
  watch: ReleaseWatch,
  runs: readonly WatchedRun[],
  { alpha, tolerance, minRunsPerStep }: Policy['release'],
): ReleaseJudgement | null => {
  const before = runs.filter(
    ({ version, startedAtMs }) => version === watch.baseline && startedAtMs < watch.stepSinceMs,
  )
  const after = runs.filter(
    ({ version, startedAtMs }) => version === watch.version && startedAtMs >= watch.stepSinceMs,
  )
  if (before.length < minRunsPerStep) return null
  const level = meanScore(before)
  const detector = dropDetector(level - tolerance)
  const { highest } = detector.result(
    after.map(({ score }) => score).reduce(detector.add, detector.initial),
  )
  if (highest < RUNS_PER_ALPHA / alpha) return null
  return {
    verdict: 'rollback',
    reason: `scores after the promotion fell below ${level.toFixed(3)}, the level before it, by more than ${tolerance}`,
    evidence: [
      {
        metric: 'score',
        role: 'production',
        method: 'drop-detector',
        n: after.length,
        effect: meanScore(after) - level,
        interval: [null, null],
        verdict: 'inferior',
        margin: tolerance,
        alpha,
        pValue: null,
        minimalDetectableEffect: null,
        nNeeded: null,
        reasons: [`level ${level.toFixed(3)} from ${before.length} runs of the version before`],
      },
    ],
  }
}
