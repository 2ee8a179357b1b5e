import type { Score, SearchSplit, SearchState } from './search-state.ts'

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * `J(p) = mean eval(p, T_fix) − α · max(0, Ē_hold⁰ − mean eval(p, T_hold))`: what a change repairs, less what it breaks.
 * Without holdout tasks nothing is subtracted; without fix tasks J is 0.
 * @example objective({ fix: [1, 0.5], holdout: [0.5], baselineHoldout: [1], penalty: 1 }) // 0.25
 */
export const objective = (scores: {
  readonly fix: readonly number[]
  readonly holdout: readonly number[]
  readonly baselineHoldout: readonly number[]
  readonly penalty: number
}): number => {
  if (scores.fix.length === 0) return 0
  const lost =
    scores.holdout.length === 0 || scores.baselineHoldout.length === 0
      ? 0
      : Math.max(0, mean(scores.baselineHoldout) - mean(scores.holdout))
  return mean(scores.fix) - scores.penalty * lost
}

export const scoreKey = (taskId: string, replicate: number): string => `${taskId}#${replicate}`

export const replicatesOf = (state: SearchState): readonly number[] =>
  Array.from({ length: state.setup.replicates ?? 1 }, (_, replicate) => replicate)

const taskIdsOf = (state: SearchState, split: SearchSplit): readonly string[] =>
  split === 'fix' ? state.setup.fixTaskIds : state.setup.holdoutTaskIds

export const scoreOf = (
  state: SearchState,
  digest: string,
  key: { readonly taskId: string; readonly replicate: number },
): Score | undefined => state.scores[digest]?.[scoreKey(key.taskId, key.replicate)]

/** The scores that a candidate has on a split, task by task and replicate by replicate. */
export const scoresOn = (state: SearchState, digest: string, split: SearchSplit): number[] =>
  taskIdsOf(state, split).flatMap((taskId) =>
    replicatesOf(state).flatMap((replicate) => {
      const known = scoreOf(state, digest, { taskId, replicate })
      return known === undefined ? [] : [known.score]
    }),
  )

/** J of a fully evaluated candidate against this search's baseline; the baseline's own J is its fix mean. */
export const objectiveOf = (state: SearchState, digest: string): number =>
  objective({
    fix: scoresOn(state, digest, 'fix'),
    holdout: scoresOn(state, digest, 'holdout'),
    baselineHoldout: scoresOn(state, state.setup.baseline.digest, 'holdout'),
    penalty: state.setup.policy.holdoutPenalty,
  })

/** Fully evaluated candidates, best first; of equals the newer goes first, so that plateaus are walked, not camped on. */
export const byObjective = (state: SearchState, digests: readonly string[]): string[] => {
  const age = (digest: string): number => state.evaluated.indexOf(digest)
  return [...digests]
    .map((digest) => ({ digest, value: objectiveOf(state, digest) }))
    .sort((a, b) => b.value - a.value || age(b.digest) - age(a.digest))
    .map(({ digest }) => digest)
}
