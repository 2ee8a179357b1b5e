/** Failure rates that tell a test that misses the failure from one that shows it, and the error rates of the choice. */
const MISSES = 0.2
const SHOWS = 0.7
const ALPHA = 0.05
const BETA = 0.1
/** Most runs of one side. */
const MOST_VERIFICATION_RUNS = 12

export type FailureTest = 'fails' | 'passes' | 'undecided' | 'more-runs-needed'

/**
 * Wald's sequential probability ratio test of "fails on this agent": p = .2 against p = .7, α .05, β .10, at most 12
 * runs. Looks after every run, as it may, and does not look on after it has decided. Bounds ln((1 − β)/α) and
 * ln(β/(1 − α)). A deterministic agent is decided by two equal runs.
 * @example sequentialFailureTest([false, false, false]) // 'fails'
 */
export const sequentialFailureTest = (
  passes: readonly boolean[],
  deterministic = false,
): FailureTest => {
  if (deterministic && passes.length >= 2 && passes[0] === passes[1]) {
    return passes[0] ? 'passes' : 'fails'
  }
  let ratio = 0
  for (const passed of passes.slice(0, MOST_VERIFICATION_RUNS)) {
    ratio += passed ? Math.log((1 - SHOWS) / (1 - MISSES)) : Math.log(SHOWS / MISSES)
    if (ratio >= Math.log((1 - BETA) / ALPHA)) return 'fails'
    if (ratio <= Math.log(BETA / (1 - ALPHA))) return 'passes'
  }
  return passes.length >= MOST_VERIFICATION_RUNS ? 'undecided' : 'more-runs-needed'
}

export type TestVerification =
  | { readonly verdict: 'verified' }
  | { readonly verdict: 'refused'; readonly reason: 'does-not-reproduce' | 'control-fails' }
  | { readonly verdict: 'run'; readonly side: 'failing' | 'control' }

/**
 * A generated test is worth keeping when it fails on the failing agent and passes on a control: a known good version,
 * or the change that repairs it. Says which side to run next. Undecided after the last run is a refusal; runs that
 * ended in `infra_error` do not belong in the lists.
 */
export const verifyTest = (runs: {
  readonly failing: readonly boolean[]
  readonly control: readonly boolean[]
  readonly deterministic?: boolean
}): TestVerification => {
  const failing = sequentialFailureTest(runs.failing, runs.deterministic)
  if (failing === 'more-runs-needed') return { verdict: 'run', side: 'failing' }
  if (failing !== 'fails') return { verdict: 'refused', reason: 'does-not-reproduce' }
  const control = sequentialFailureTest(runs.control, runs.deterministic)
  if (control === 'more-runs-needed') return { verdict: 'run', side: 'control' }
  return control === 'passes'
    ? { verdict: 'verified' }
    : { verdict: 'refused', reason: 'control-fails' }
}
