import { eachNearest } from './nearest-rows.ts'
import type { PairSieve } from './pair-sieve.ts'
import type { PointSet } from './prepare-points.ts'

/** Near rows that are remembered for each: edges from which the spanning tree begins. */
export const HINTS = 4

export interface CoreDistances {
  /** Squared, per row. */
  readonly squares: Float64Array
  /** `HINTS` of the nearest rows of each row; −1 where there are none. The spanning tree uses them up. */
  hints: Int32Array
}

/**
 * Core distances: per row the smallest radius whose total weight, the row's own included, reaches `minSamples`
 * (scikit-learn's convention: the point counts). With less weight than that in all, the farthest row's distance.
 */
export const coreDistances = (
  sieve: PairSieve,
  points: PointSet,
  weights: Float64Array | null,
  minSamples: number,
): CoreDistances => {
  const squares = new Float64Array(points.count)
  const hints = new Int32Array(points.count * HINTS).fill(-1)
  const fewest = Math.min(HINTS + 1, points.count)
  const of = { seekers: points, found: points, weights, weight: minSamples, fewest }
  eachNearest(sieve, of, (row, lists, list) => {
    squares[row] = lists.squaredRadius(list, minSamples)
    let hint = 0
    for (const other of lists.rows(list)) {
      if (other === row) continue
      if (hint === HINTS) break
      hints[row * HINTS + hint++] = other
    }
  })
  return { squares, hints }
}
