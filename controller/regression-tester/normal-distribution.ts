/**
 * Φ̄(z) = P(Z > z) of the standard normal, computed as a tail and never as 1 − Φ, so that small p-values keep their
 * digits. Series near 0, Laplace's continued fraction beyond (Abramowitz & Stegun 26.2.11 and 26.2.14); relative error
 * below 1e-13.
 * @example normalUpperTail(1.6448536269514722) // 0.05
 */
export const normalUpperTail = (z: number): number => {
  if (Number.isNaN(z)) return Number.NaN
  if (z < 0) return 1 - normalUpperTail(-z)
  return z < 3 ? 0.5 - seriesFromZero(z) : density(z) / continuedFraction(z)
}

/** The z with Φ(z) = p; ±∞ at 0 and 1, NaN outside. Newton steps on the tail from Hastings' start (A & S 26.2.23). */
export const normalQuantile = (p: number): number => {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity
  if (p < 0.5) return -upperQuantile(p)
  return upperQuantile(1 - p)
}

const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

/** Φ(z) − ½ = φ(z) · (z + z³/3 + z⁵/15 + …). */
const seriesFromZero = (z: number): number => {
  let term = z
  let sum = z
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd
    sum += term
  }
  return density(z) * sum
}

const FRACTION_DEPTH = 120

const continuedFraction = (z: number): number => {
  let value = z
  for (let k = FRACTION_DEPTH; k > 0; k -= 1) value = z + k / value
  return value
}

const upperQuantile = (tail: number): number => {
  const r = Math.sqrt(-2 * Math.log(tail))
  const above = 2.515517 + r * (0.802853 + r * 0.010328)
  const below = 1 + r * (1.432788 + r * (0.189269 + r * 0.001308))
  let z = r - above / below
  for (let step = 0; step < 4; step += 1) {
    const error = (normalUpperTail(z) - tail) / density(z)
    z += error / (1 - 0.5 * z * error)
  }
  return z
}
