import type { Clock } from '../../pipeline/service-runtime/clock.ts'

/** Tells what happens, a line each, with the seconds since the beginning. */
export interface Narrator {
  say(what: string, text: string): void
  seconds(): number
}

const WHAT_WIDTH = 10

export const narrator = (clock: Clock, stream: NodeJS.WritableStream): Narrator => {
  const startMs = clock.nowMs()
  const seconds = (): number => (clock.nowMs() - startMs) / 1000
  return {
    seconds,
    say: (what, text) => {
      stream.write(`${seconds().toFixed(1).padStart(6)} s  ${what.padEnd(WHAT_WIDTH)} ${text}\n`)
    },
  }
}
