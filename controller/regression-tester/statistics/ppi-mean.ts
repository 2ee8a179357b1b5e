import { covarianceOf, meanOf, varianceOf } from './moments.ts'

export interface JudgedSample {
  /** What people say of n runs. */
  readonly labels: readonly number[]
  /** What the judge says of the same runs, in the same order. */
  readonly judged: readonly number[]
  /** What the judge says of N further runs that nobody labelled. */
  readonly unlabelled: readonly number[]
}

/**
 * PPI++ (Angelopoulos, Duchi & Zrnic 2023): mean of the labels, sharpened by a judge without taking over its error:
 * θ = λ·F̄_u + mean(Y − λF), SE² = λ²·var(F_u)/N + var(Y − λF)/n. `lambda` null takes the best one,
 * cov(Y, F)/((1 + n/N)·var F) with var F over all n + N, 0 where the judge does not vary.
 */
export const ppiMean = (
  { labels, judged, unlabelled }: JudgedSample,
  lambda: number | null = null,
): { readonly estimate: number; readonly standardError: number; readonly lambda: number } => {
  const [n, more] = [labels.length, unlabelled.length]
  const spread = varianceOf([...judged, ...unlabelled])
  const best = spread > 0 && more > 0 ? covarianceOf(labels, judged) / ((1 + n / more) * spread) : 0
  const weight = lambda ?? best
  const residuals = labels.map((label, i) => label - weight * (judged[i] ?? Number.NaN))
  const fromJudge = weight === 0 ? 0 : (weight * weight * varianceOf(unlabelled)) / more
  return {
    estimate: (weight === 0 ? 0 : weight * meanOf(unlabelled)) + meanOf(residuals),
    standardError: Math.sqrt(fromJudge + varianceOf(residuals) / n),
    lambda: weight,
  }
}
