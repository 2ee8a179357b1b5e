/** What the next bet may know: only earlier observations. */
interface Past {
  readonly n: number
  readonly sum: number
  readonly squares: number
}

export type Betting = 'predictable-mixture' | 'agrapa'

/**
 * Log e-values of one adaptive bettor against H₀ "mean of differences in [−1, 1] ≤ −margin", after each difference, on X = (D + 1)/2.
 * `predictable-mixture` stakes √(2·ln(1/α)/(σ̂²·t·ln(1 + t))), `agrapa` (μ̂ − m₀)/(σ̂² + (μ̂ − m₀)²), each from the past
 * alone and clipped to [0, most/m₀] (Waudby-Smith & Ramdas 2024). Options beside the mixture of constant bets, which needs no tuning.
 */
export const adaptiveBets = (
  differences: readonly number[],
  {
    margin,
    alpha,
    betting,
    most,
  }: {
    readonly margin: number
    readonly alpha: number
    readonly betting: Betting
    /** Largest share of the wealth at risk, in (0, 1). */
    readonly most: number
  },
): readonly number[] => {
  const null0 = (1 - margin) / 2
  let past: Past = { n: 0, sum: 0, squares: 0 }
  let logWealth = 0
  return differences.map((difference) => {
    const x = (difference + 1) / 2
    const stake = Math.min(Math.max(wanted(past, { betting, alpha, null0 }), 0), most / null0)
    logWealth += Math.log1p(stake * (x - null0))
    const sum = past.sum + x
    const mean = (0.5 + sum) / (past.n + 2)
    past = { n: past.n + 1, sum, squares: past.squares + (x - mean) ** 2 }
    return logWealth
  })
}

const wanted = (
  { n, sum, squares }: Past,
  {
    betting,
    alpha,
    null0,
  }: { readonly betting: Betting; readonly alpha: number; readonly null0: number },
): number => {
  const variance = (0.25 + squares) / (n + 1)
  const excess = (0.5 + sum) / (n + 1) - null0
  return betting === 'agrapa'
    ? excess / (variance + excess * excess)
    : Math.sqrt((2 * Math.log(1 / alpha)) / (variance * (n + 1) * Math.log(n + 2)))
}
