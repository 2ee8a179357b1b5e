/** A score in [0, 1] of one of two concurrent streams. */
export interface ArmScore {
  readonly arm: 'baseline' | 'candidate'
  readonly score: number
}

interface Tally {
  readonly n: number
  readonly sum: number
}

const EMPTY: Tally = { n: 0, sum: 0 }

/**
 * Two concurrent streams of unequal size as one stream of differences in [−1, 1]: a block ends as soon as both arms have
 * a score in it, and gives mean(candidate) − mean(baseline). Where a block ends depends on the arms and never on the
 * scores, so each difference has the mean of the arms' difference, and what moves both arms at once cancels. A block
 * that is still open gives nothing.
 */
export const blockDifferences = (scores: readonly ArmScore[]): readonly number[] => {
  const differences: number[] = []
  let open = { baseline: EMPTY, candidate: EMPTY }
  for (const { arm, score } of scores) {
    open = { ...open, [arm]: { n: open[arm].n + 1, sum: open[arm].sum + score } }
    if (open.baseline.n === 0 || open.candidate.n === 0) continue
    differences.push(open.candidate.sum / open.candidate.n - open.baseline.sum / open.baseline.n)
    open = { baseline: EMPTY, candidate: EMPTY }
  }
  return differences
}
