/**
 * Half-width of the asymptotic confidence sequence of Waudby-Smith et al. (2021) by normal mixture, two-sided at 1 − `alpha`:
 * σ̂·√(2(nρ² + 1)/(n²ρ²)·ln(√(nρ² + 1)/α)), ρ = √((−2·ln α + ln(1 − 2·ln α))/N*), narrowest about n = N*. One-sided at α: ask
 * for 2α. Asymptotic only: not for the first observations, and Infinity where nothing varies.
 */
export const asymptoticHalfWidth = ({
  sd,
  n,
  tunedFor,
  alpha,
}: {
  readonly sd: number
  readonly n: number
  readonly tunedFor: number
  readonly alpha: number
}): number => {
  if (!(sd > 0 && n > 0)) return Infinity
  const rho2 = (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / tunedFor
  const scale = n * rho2 + 1
  return sd * Math.sqrt(((2 * scale) / (n * n * rho2)) * Math.log(Math.sqrt(scale) / alpha))
}
