import { covarianceOf, meanOf, varianceOf } from './moments.ts'

/**
 * CUPED (Deng, Xu, Kohavi & Walker 2013): values with what a covariate from before the change explains taken out,
 * yᵢ − θ(xᵢ − x̄), θ = cov(Y, X)/var(X); the variance falls by the factor 1 − ρ², the mean stays. Only where pairing is
 * impossible. A covariate that does not vary explains nothing (θ = 0).
 */
export const cuped = (
  values: readonly number[],
  covariate: readonly number[],
): { readonly theta: number; readonly adjusted: readonly number[] } => {
  const spread = varianceOf(covariate)
  const theta = spread > 0 ? covarianceOf(values, covariate) / spread : 0
  const mean = meanOf(covariate)
  return {
    theta,
    adjusted: values.map((value, i) => value - theta * ((covariate[i] ?? mean) - mean)),
  }
}
