import { normalQuantile, normalUpperTail } from '../normal-distribution.ts'

/** How much of alpha may have been spent when a share `t` of the planned information has been seen. */
export type SpendingFunction = (t: number, alpha: number) => number

/** Lan and DeMets (1983), of the O'Brien–Fleming kind: 2 − 2Φ(z_{1−α/2}/√t). Little at first, nearly all at the end. */
export const obrienFlemingSpending: SpendingFunction = (t, alpha) =>
  t <= 0 ? 0 : 2 * normalUpperTail(normalQuantile(1 - alpha / 2) / Math.sqrt(Math.min(1, t)))

/** Lan and DeMets, of the Pocock kind: α·ln(1 + (e − 1)t). Evenly. */
export const pocockSpending: SpendingFunction = (t, alpha) =>
  alpha * Math.log1p((Math.E - 1) * Math.min(1, Math.max(0, t)))

const POINTS = 1501
const LOWEST_Z = -9
const HIGHEST_Z = 9

/**
 * One-sided upper z-boundaries for looks at the given shares of the planned information (ascending, the last one
 * spends the rest): reject at look k when Z_k ≥ b_k. The density of paths that have not crossed is carried on from look
 * to look on a grid (Armitage, McPherson & Rowe 1969); each boundary spends exactly what its look may spend. Same as
 * R's ldbounds and gsDesign to 4 decimals.
 */
export const sequentialBoundaries = (
  shares: readonly number[],
  alpha: number,
  spending: SpendingFunction,
): readonly number[] => {
  const boundaries: number[] = []
  let path: Path | null = null
  let spent = 0
  for (const [look, share] of shares.entries()) {
    const isLast = look === shares.length - 1
    const target = isLast ? alpha : spending(share, alpha)
    const boundary = boundaryFor(path, share, Math.max(0, target - spent))
    boundaries.push(boundary)
    path = carriedOn(path, share, boundary)
    spent = Math.max(spent, target)
  }
  return boundaries
}

/** Paths that have not crossed, at information `share`: density over x = Z·√share, on a grid from −9√share to the boundary. */
interface Path {
  readonly share: number
  readonly start: number
  readonly step: number
  readonly density: Float64Array
}

/** The probability to cross `boundary` at `share`, not having crossed before. */
const crossing = (path: Path | null, share: number, boundary: number): number => {
  if (path === null) return normalUpperTail(boundary)
  const spread = Math.sqrt(share - path.share)
  const edge = boundary * Math.sqrt(share)
  return integrate(path, (x) => normalUpperTail((edge - x) / spread))
}

const boundaryFor = (path: Path | null, share: number, spend: number): number => {
  let low = -HIGHEST_Z
  let high = HIGHEST_Z
  if (spend <= 0) return Infinity
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2
    if (crossing(path, share, middle) > spend) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const carriedOn = (path: Path | null, share: number, boundary: number): Path => {
  const start = LOWEST_Z * Math.sqrt(share)
  const end = Math.min(boundary, HIGHEST_Z) * Math.sqrt(share)
  const step = (end - start) / (POINTS - 1)
  const density = new Float64Array(POINTS)
  const spread = Math.sqrt(path === null ? share : share - path.share)
  for (let k = 0; k < POINTS; k += 1) {
    const x = start + k * step
    density[k] =
      path === null
        ? phi(x / spread) / spread
        : integrate(path, (from) => phi((x - from) / spread) / spread)
  }
  return { share, start, step, density }
}

const phi = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

const integrate = ({ start, step, density }: Path, value: (x: number) => number): number => {
  let sum = 0
  for (let k = 0; k < density.length; k += 1) {
    const weight = k === 0 || k === density.length - 1 ? 0.5 : 1
    sum += weight * (density[k] ?? 0) * value(start + k * step)
  }
  return sum * step
}
