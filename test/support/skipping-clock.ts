import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../pipeline/service-runtime/clock.ts'

export interface SkippingClock extends Clock {
  /** How long each sleep would have taken. */
  readonly sleptMs: number[]
  advance(ms: number): void
}

/** A clock whose sleeps take no time but move it forward. */
export const skippingClock = (startMs = Date.UTC(2026, 0, 1)): SkippingClock => {
  let nowMs = startMs
  const sleptMs: number[] = []
  return {
    sleptMs,
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms
    },
    sleep: async (ms) => {
      sleptMs.push(ms)
      nowMs += ms
      await nextTurn()
    },
  }
}
