import type { Evidence } from '../../schemas/evidence.ts'
import type { Policy } from '../../schemas/policy.ts'
import { bettingEProcess, confidenceSequence } from '../regression-tester/betting-e-process.ts'
import { blockDifferences } from '../regression-tester/block-differences.ts'
import { meanOf } from '../regression-tester/statistics/moments.ts'
import { nextWeight } from '../release/next-weight.ts'
import { MOST_RUNS, type ReleaseJudgement, type WatchedRun } from './release-judgement.ts'
import type { ReleaseWatch } from './release-watch.ts'

/**
 * The canary against the stable version, on their concurrent runs since the canary began, in order of start. Two
 * e-processes look at every block: "worse than −margin" takes it back as soon as it is shown, "not worse" lets it go on
 * once the present share has had its least number of runs. Either errs with probability at most alpha, however often it
 * is asked. null: nothing is shown yet.
 */
export const judgeCanary = (
  watch: ReleaseWatch,
  runs: readonly WatchedRun[],
  release: Policy['release'],
): ReleaseJudgement | null => {
  const { margin, alpha, minRunsPerStep, steps } = release
  const concurrent = runs.filter(({ startedAtMs }) => startedAtMs >= watch.sinceMs)
  const differences = blockDifferences(
    concurrent.map(({ version, score }) => ({
      arm: version === watch.version ? 'candidate' : 'baseline',
      score,
    })),
  )
  const shown = -Math.log(alpha)
  const harm = highestLogE(
    margin,
    differences.map((difference) => -difference),
  )
  const harmless = highestLogE(-margin, differences)
  const judged = (verdict: ReleaseJudgement['verdict'], logE: number, reason: string) => ({
    verdict,
    reason,
    evidence: [evidenceOf(differences, release, { harm: harm >= shown, logE })],
  })
  if (harm >= shown)
    return judged('rollback', harm, `runs of the canary score worse by more than ${margin}`)
  const inStep = concurrent.filter(
    ({ version, startedAtMs }) => version === watch.version && startedAtMs >= watch.stepSinceMs,
  ).length
  if (harmless >= shown && inStep >= minRunsPerStep) {
    const verdict = nextWeight(steps, watch.weight) === null ? 'promote' : 'step'
    return judged(verdict, harmless, `not worse than −${margin}; ${inStep} runs at this share`)
  }
  return concurrent.length < MOST_RUNS
    ? null
    : judged('hold', harmless, `${MOST_RUNS} runs have shown neither harm nor its absence`)
}

const highestLogE = (nullMean: number, differences: readonly number[]): number => {
  const bets = bettingEProcess(nullMean)
  return bets.result(differences.reduce(bets.add, bets.initial)).highest
}

const evidenceOf = (
  differences: readonly number[],
  { margin, alpha }: Policy['release'],
  { harm, logE }: { readonly harm: boolean; readonly logE: number },
): Evidence => {
  const [low, high] = confidenceSequence(differences, alpha)
  const harmless = low > 0 ? 'superior' : low > -margin ? 'non-inferior' : 'inconclusive'
  return {
    metric: 'score',
    role: 'production',
    method: 'betting-e-process',
    n: differences.length,
    effect: differences.length === 0 ? null : meanOf(differences),
    interval: [low, high],
    verdict: harm ? 'inferior' : harmless,
    margin,
    alpha,
    // An e-value's reciprocal is a p-value that holds at any stopping time.
    pValue: Math.min(1, Math.exp(-logE)),
    minimalDetectableEffect: null,
    nNeeded: null,
    reasons: [],
  }
}
