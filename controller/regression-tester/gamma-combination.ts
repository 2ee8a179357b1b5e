/** A term of Q = Σ coefficient · Gamma(shape, 1), the gammas independent. */
export interface GammaTerm {
  readonly coefficient: number
  readonly shape: number
}

const PRECISION = 1e-11
const MOST_STEPS = 400_000

/**
 * P(Q ≤ 0) for Q = Σ aⱼ·Gamma(mⱼ, 1), by inversion of its characteristic function Π(1 − i·u·aⱼ)^(−mⱼ) at the points
 * (k + ½)Δ: ½ − Σ sin(Σ mⱼ·atan(aⱼ·u)) · Π(1 + aⱼ²u²)^(−mⱼ/2) / (π(k + ½)) (Davies 1973, Biometrika 60). The error is
 * the mass of |Q| beyond 2π/Δ, held below 1e-11 by Chernoff's bound, plus the series' end.
 * One-sided Q are exact: 0 without negative terms, 1 without positive ones.
 */
export const probabilityNotPositive = (all: readonly GammaTerm[]): number => {
  const terms = all.filter(({ coefficient, shape }) => coefficient !== 0 && shape > 0)
  if (terms.every(({ coefficient }) => coefficient < 0)) return 1
  if (terms.every(({ coefficient }) => coefficient > 0)) return 0
  const step = (2 * Math.PI) / Math.max(reach(terms, 1), reach(terms, -1))
  let sum = 0
  for (let k = 0; k < MOST_STEPS; k += 1) {
    const u = (k + 0.5) * step
    let angle = 0
    let logModulus = 0
    for (const { coefficient, shape } of terms) {
      const x = coefficient * u
      angle += shape * Math.atan(x)
      logModulus -= 0.5 * shape * Math.log1p(x * x)
    }
    const modulus = Math.exp(logModulus)
    sum += (Math.sin(angle) * modulus) / (Math.PI * (k + 0.5))
    if (modulus < PRECISION) break
  }
  return Math.min(1, Math.max(0, 0.5 - sum))
}

/** An L with P(sign·Q > L) ≤ PRECISION: Chernoff's bound at s = 1/(2·largest coefficient). */
const reach = (terms: readonly GammaTerm[], sign: 1 | -1): number => {
  const largest = Math.max(...terms.map(({ coefficient }) => sign * coefficient))
  const s = 1 / (2 * largest)
  const logMoment = terms.reduce(
    (sum, { coefficient, shape }) => sum - shape * Math.log1p(-s * sign * coefficient),
    0,
  )
  return Math.max((logMoment - Math.log(PRECISION)) / s, largest)
}
