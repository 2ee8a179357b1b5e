/** Two-sided 95 %: Φ⁻¹(0.975). */
const Z = 1.959963984540054

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Wilson's score interval (95 %) of a share: centre (p + z²/2n)/(1 + z²/n), half width z√(p(1−p)/n + z²/4n²)/(1 + z²/n).
 * Nothing counted gives [0, 1]. Wilson 1927; as `binom.confint(method = "wilson")` of R.
 * @example wilsonInterval(8, 10) // { low: 0.4902, high: 0.9433 }
 */
export const wilsonInterval = (hits: number, n: number): Interval => {
  if (n === 0) return { low: 0, high: 1 }
  const share = hits / n
  const scale = 1 + Z ** 2 / n
  const centre = (share + Z ** 2 / (2 * n)) / scale
  const half = (Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2))) / scale
  return {
    low: hits === 0 ? 0 : Math.max(0, centre - half),
    high: hits === n ? 1 : Math.min(1, centre + half),
  }
}
