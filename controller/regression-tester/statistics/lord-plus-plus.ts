/** Wealth that the first tests may spend before anything was shipped (onlineFDR's default at alpha .05). */
const START_SHARE = 0.1

/**
 * Levels of LORD++ (Ramdas, Yang, Wainwright & Jordan 2017) for a stream of tests: the false discovery rate over all of
 * them stays at alpha however many there are. α_t = w₀γ_t + (α − w₀)γ_{t−τ₁} + α·Σ_{j≥2} γ_{t−τ_j}, τ the earlier
 * rejections, w₀ = α/10, γ_j ∝ ln(max(j, 2))/(j·e^√ln j). `rejected` says of each earlier test whether it shipped;
 * the answer is the level of the next one. Same levels as R's onlineFDR::LORD(version = "++").
 */
export const nextLordLevel = (rejected: readonly boolean[], alpha: number): number => {
  const t = rejected.length + 1
  const start = START_SHARE * alpha
  const times = rejected.flatMap((ship, index) => (ship ? [index + 1] : []))
  return times.reduce(
    (level, time, j) => level + (j === 0 ? alpha - start : alpha) * gamma(t - time),
    start * gamma(t),
  )
}

/** Sums to 1 over j = 1, 2, … */
const gamma = (j: number): number =>
  (0.07720838 * Math.log(Math.max(j, 2))) / (j * Math.exp(Math.sqrt(Math.log(j))))
