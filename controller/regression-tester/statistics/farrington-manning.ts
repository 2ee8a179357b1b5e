import { normalQuantile, normalUpperTail } from '../normal-distribution.ts'

export interface TwoProportions {
  readonly candidate: { readonly passed: number; readonly n: number }
  readonly baseline: { readonly passed: number; readonly n: number }
}

/**
 * Score test of Farrington and Manning (1990) of H₀ "p₁ − p₀ = difference" on unpaired groups, for where pairing is
 * impossible: the variance at the restricted maximum likelihood estimates, the root of a cubic. Without the factor N/(N − 1).
 */
export const farringtonManning = (
  { candidate, baseline }: TwoProportions,
  difference: number,
): { readonly z: number; readonly restricted: readonly [number, number] } => {
  const [p1, p0] = [candidate.passed / candidate.n, baseline.passed / baseline.n]
  const restricted1 = restrictedEstimate({ p1, p0, ratio: baseline.n / candidate.n }, difference)
  const restricted0 = restricted1 - difference
  const variance =
    (restricted1 * (1 - restricted1)) / candidate.n + (restricted0 * (1 - restricted0)) / baseline.n
  const distance = p1 - p0 - difference
  return {
    z: variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Infinity,
    restricted: [restricted1, restricted0],
  }
}

/** One-sided p-value of H₀ "the pass rate falls by the margin or more". */
export const farringtonManningPValue = (groups: TwoProportions, margin: number): number =>
  normalUpperTail(farringtonManning(groups, -margin).z)

/** Score interval of p₁ − p₀, each side at `alpha`. */
export const farringtonManningInterval = (
  groups: TwoProportions,
  alpha: number,
): readonly [number, number] => {
  const z = normalQuantile(1 - alpha)
  const solve = (target: number): number => {
    let low = -1
    let high = 1
    for (let round = 0; round < 100; round += 1) {
      const middle = (low + high) / 2
      if (farringtonManning(groups, middle).z > target) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return [solve(z), solve(-z)]
}

const restrictedEstimate = (
  { p1, p0, ratio }: { readonly p1: number; readonly p0: number; readonly ratio: number },
  s: number,
): number => {
  const a = 1 + ratio
  const b = -(1 + ratio + p1 + ratio * p0 + s * (ratio + 2))
  const c = s * s + s * (2 * p1 + ratio + 1) + p1 + ratio * p0
  const d = -p1 * s * (1 + s)
  const v = b ** 3 / (27 * a ** 3) - (b * c) / (6 * a * a) + d / (2 * a)
  const u = (v < 0 ? -1 : 1) * Math.sqrt(Math.max(0, (b * b) / (9 * a * a) - c / (3 * a)))
  const cosine = u === 0 ? 1 : Math.min(1, Math.max(-1, v / u ** 3))
  const root = 2 * u * Math.cos((Math.PI + Math.acos(cosine)) / 3) - b / (3 * a)
  return Math.min(Math.min(1, 1 + s), Math.max(Math.max(0, s), root))
}
