/** Added to every share, so that a value that one side never saw gives a large number and not an infinite one. */
const SMALLEST_SHARE = 1e-4

/**
 * Population stability index of two counts over the same values: Σ (q − p)·ln(q/p), p the reference's share, q the present's. By a
 * custom of credit scoring .1 is a shift and .25 a large one; it knows no error rate, hence it describes and the permutation tests decide.
 * 0 where a side is empty.
 */
export const populationStability = (
  reference: ReadonlyMap<string, number>,
  present: ReadonlyMap<string, number>,
): number => {
  const [before, now] = [totalOf(reference), totalOf(present)]
  if (before === 0 || now === 0) return 0
  return [...new Set([...reference.keys(), ...present.keys()])].reduce((sum, value) => {
    const p = Math.max((reference.get(value) ?? 0) / before, SMALLEST_SHARE)
    const q = Math.max((present.get(value) ?? 0) / now, SMALLEST_SHARE)
    return sum + (q - p) * Math.log(q / p)
  }, 0)
}

const totalOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)
