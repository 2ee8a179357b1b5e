import type { Accumulator } from '../accumulator.ts'

interface Level {
  readonly level: number
  readonly highest: number
}

/**
 * Page's CUSUM (1954) for pass/fail scores that fall from the rate p₀ to p₁: S ← max(0, S + LLR). The fastest for exactly that
 * fall, with false alarms that only its threshold and simulation know; the roll-back goes by the e-detector.
 */
export const bernoulliCusum = (p0: number, p1: number): Accumulator<number, Level, Level> => {
  const win = Math.log(p1 / p0)
  const loss = Math.log((1 - p1) / (1 - p0))
  return cusumOf((score) => score * win + (1 - score) * loss)
}

/** One-sided CUSUM of standardised values for a shift of the mean upwards: S ← max(0, S + x − k). */
export const normalCusum = (allowance: number): Accumulator<number, Level, Level> =>
  cusumOf((value) => value - allowance)

const cusumOf = (gain: (value: number) => number): Accumulator<number, Level, Level> => ({
  initial: { level: 0, highest: 0 },
  add: ({ level, highest }, value) => {
    const next = Math.max(0, level + gain(value))
    return { level: next, highest: Math.max(highest, next) }
  },
  result: (state) => state,
})

const FRACTIONS = [0.1, 0.25, 0.5, 0.75]

/**
 * e-CUSUM (Shin, Ramdas & Rinaldo 2024) for "the mean of scores in [0, 1] fell below `floor`": M ← max(M, 1)·(1 + λ(floor − X)),
 * λ = c/(1 − floor), averaged over four c. Never faster than the e-detector of the Shiryaev–Roberts kind, and rarer in false alarms.
 */
export const eCusum = (floor: number): Accumulator<number, readonly number[], number> => ({
  initial: FRACTIONS.map(() => 0),
  add: (levels, score) =>
    levels.map(
      (level, j) =>
        Math.max(level, 1) *
        (1 + ((FRACTIONS[j] ?? 0) / Math.max(1 - floor, Number.EPSILON)) * (floor - score)),
    ),
  result: (levels) => levels.reduce((sum, level) => sum + level, 0) / levels.length,
})
