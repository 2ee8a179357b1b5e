/** ln Γ(x) for x > 0: Stirling's series after shifting x above 12 (Abramowitz & Stegun 6.1.40); relative error 1e-15. */
export const logGamma = (x: number): number => {
  if (!(x > 0)) return Number.NaN
  let shift = 0
  let z = x
  for (; z < STIRLING_FROM; z += 1) shift += Math.log(z)
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + stirlingRest(z) - shift
}

const STIRLING_FROM = 12
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360]

const stirlingRest = (z: number): number =>
  STIRLING.reduceRight((sum, term) => sum / (z * z) + term, 0) / z

/** ln Γ(a + b) − ln Γ(a), without the cancellation of two large logarithms. */
const logGammaRatio = (a: number, b: number): number =>
  a < STIRLING_FROM
    ? logGamma(a + b) - logGamma(a)
    : (a - 0.5) * Math.log1p(b / a) +
      b * Math.log(a + b) -
      b +
      stirlingRest(a + b) -
      stirlingRest(a)

/**
 * Iₓ(a, b), the distribution function of Beta(a, b), by the continued fraction 26.5.8 of Abramowitz & Stegun in the
 * modified form of Lentz, on the side where it converges fast. The upper tail is I₁₋ₓ(b, a): ask for that one, not for 1 − I.
 * NaN outside a, b > 0 and 0 ≤ x ≤ 1. Same as R's `pbeta(x, a, b)`, to 1e-13.
 */
export const betaLowerTail = (x: number, a: number, b: number): number => {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return Number.NaN
  if (x === 0 || x === 1) return x
  const logFront =
    logGammaRatio(Math.max(a, b), Math.min(a, b)) -
    logGamma(Math.min(a, b)) +
    a * Math.log(x) +
    b * Math.log1p(-x)
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFront) * continuedFraction(x, a, b)) / a
    : 1 - (Math.exp(logFront) * continuedFraction(1 - x, b, a)) / b
}

/** The x with Iₓ(a, b) = p, by bisection to the last digits. Same as R's `qbeta(p, a, b)`. */
export const betaQuantile = (p: number, a: number, b: number): number => {
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) return Number.NaN
  let low = 0
  let high = 1
  for (let round = 0; round < 200 && low < high; round += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (betaLowerTail(middle, a, b) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const TINY = 1e-300
const MOST_TERMS = 10_000

const continuedFraction = (x: number, a: number, b: number): number => {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    value *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    const factor = d * c
    value *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return value
}

const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
