import type { Accumulator } from './accumulator.ts'
import { meanOf } from './statistics/moments.ts'

export interface Suspicion {
  readonly levels: readonly number[]
  readonly highest: number
}

const FRACTIONS = [0.1, 0.25, 0.5, 0.75]

/**
 * An e-detector of the Shiryaev–Roberts kind for "the mean of scores in [0, 1] has fallen below `floor`", whenever that
 * was: M ← (1 + M)·(1 + λ(floor − X)), λ = c/(1 − floor), averaged over four c (Shin, Ramdas & Rinaldo 2024). While the
 * mean given the past stays at or above the floor, M minus the number of scores is a supermartingale: the mean run to
 * an alarm at threshold T is at least T, and an alarm within N scores has probability at most N/T.
 */
export const dropDetector = (
  floor: number,
): Accumulator<number, Suspicion, { readonly level: number; readonly highest: number }> => {
  const room = Math.max(1 - floor, Number.EPSILON)
  return {
    initial: { levels: FRACTIONS.map(() => 0), highest: 0 },
    add: ({ levels, highest }, score) => {
      const next = levels.map(
        (level, j) => (1 + level) * (1 + ((FRACTIONS[j] ?? 0) / room) * (floor - score)),
      )
      return { levels: next, highest: Math.max(highest, meanOf(next)) }
    },
    result: ({ levels, highest }) => ({ level: meanOf(levels), highest }),
  }
}
