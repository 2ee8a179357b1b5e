import { betaLowerTail } from './beta-distribution.ts'

/** P(X ≥ successes) of a binomial; exact through the beta distribution. R: `pbinom(x - 1, n, p, lower.tail = FALSE)`. */
export const binomialUpperTail = (successes: number, n: number, p: number): number => {
  if (successes <= 0) return 1
  return successes > n ? 0 : betaLowerTail(p, successes, n - successes + 1)
}

/** P(X ≤ successes) of a binomial. R: `pbinom(x, n, p)`. */
export const binomialLowerTail = (successes: number, n: number, p: number): number =>
  binomialUpperTail(n - successes, n, 1 - p)

/** Exact sign test: one-sided p-value of "no more wins than losses"; ties say nothing. 1 without wins and losses. */
export const signTest = (wins: number, losses: number): number =>
  binomialUpperTail(wins, wins + losses, 0.5)

/** Exact McNemar test of b against c discordant pairs: two-sided, twice the smaller tail, at most 1. */
export const mcNemarTest = (b: number, c: number): number =>
  Math.min(1, 2 * binomialLowerTail(Math.min(b, c), b + c, 0.5))
