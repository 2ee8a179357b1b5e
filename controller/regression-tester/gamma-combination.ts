/** A term of Q = Σ coefficient · Gamma(shape, 1), the gammas independent. */
export interface GammaTerm {
  readonly coefficient: number
  readonly shape: number
}

const FIRST_NODE = -3.6
const STEP = 0.04
const NEGLIGIBLE = 1e-12

/**
 * P(Q ≤ 0) for Q = Σ aⱼ·Gamma(mⱼ, 1), by inversion of its characteristic function Π(1 − i·u·aⱼ)^(−mⱼ) (Imhof 1961):
 * ½ − (1/π)·∫₀^∞ sin(Σ mⱼ·atan(aⱼu)) · Π(1 + aⱼ²u²)^(−mⱼ/2) · du/u. With u = exp(t − e^(−t)) in units of 1/√(Σ mⱼaⱼ²)
 * the trapezoid rule converges exponentially (Takahasi & Mori 1974): 1e-12 against exact binomials up to n = 1000.
 * One-sided Q are exact: 1 without positive terms, 0 without negative ones.
 */
export const probabilityNotPositive = (all: readonly GammaTerm[]): number => {
  const terms = all.filter(({ coefficient, shape }) => coefficient !== 0 && shape > 0)
  if (terms.every(({ coefficient }) => coefficient < 0)) return 1
  if (terms.every(({ coefficient }) => coefficient > 0)) return 0
  const square = terms.reduce((sum, { coefficient: a, shape }) => sum + shape * a * a, 0)
  let sum = 0
  let modulus = 1
  for (let t = FIRST_NODE; modulus >= NEGLIGIBLE; t += STEP) {
    const slope = Math.exp(-t)
    const u = Math.exp(t - slope) / Math.sqrt(square)
    let angle = 0
    let logModulus = 0
    for (const { coefficient, shape } of terms) {
      const x = coefficient * u
      angle += shape * Math.atan(x)
      logModulus -= 0.5 * shape * Math.log1p(x * x)
    }
    modulus = Math.exp(logModulus)
    sum += Math.sin(angle) * modulus * (1 + slope)
  }
  return Math.min(1, Math.max(0, 0.5 - (sum * STEP) / Math.PI))
}
