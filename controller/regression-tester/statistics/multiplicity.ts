/** P-values adjusted for several questions at once: each may be compared with alpha. In the order given. */
export type Adjustment = (pValues: readonly number[]) => readonly number[]

/** Family-wise, any dependence; the crudest. */
export const bonferroni: Adjustment = (pValues) =>
  pValues.map((p) => Math.min(1, p * pValues.length))

/** Holm's step-down procedure (1979): family-wise, any dependence, never worse than Bonferroni. */
export const holm: Adjustment = (pValues) => {
  let highest = 0
  return inAscendingOrder(pValues, (p, rank, count) => {
    highest = Math.max(highest, Math.min(1, (count - rank) * p))
    return highest
  })
}

/** Benjamini and Hochberg (1995): false discovery rate, independent or positively dependent. */
export const benjaminiHochberg: Adjustment = (pValues) => stepUp(pValues, 1)

/** Benjamini and Yekutieli (2001): false discovery rate under any dependence. */
export const benjaminiYekutieli: Adjustment = (pValues) =>
  stepUp(
    pValues,
    pValues.reduce((sum, _, index) => sum + 1 / (index + 1), 0),
  )

/** From the largest p-value down: the smallest of p·n/rank·factor so far. */
const stepUp = (pValues: readonly number[], factor: number): readonly number[] => {
  const count = pValues.length
  const order = ascending(pValues)
  const adjusted = pValues.map(() => 1)
  let lowest = 1
  for (let rank = count - 1; rank >= 0; rank -= 1) {
    const index = order[rank] ?? 0
    lowest = Math.min(lowest, (pValues[index] ?? 1) * ((count * factor) / (rank + 1)))
    adjusted[index] = lowest
  }
  return adjusted
}

const inAscendingOrder = (
  pValues: readonly number[],
  adjust: (p: number, rank: number, count: number) => number,
): readonly number[] => {
  const adjusted = pValues.map(() => 1)
  for (const [rank, index] of ascending(pValues).entries())
    adjusted[index] = adjust(pValues[index] ?? 1, rank, pValues.length)
  return adjusted
}

const ascending = (values: readonly number[]): readonly number[] =>
  values.map((_, index) => index).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0))
