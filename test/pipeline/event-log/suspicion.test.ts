import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Attempt,
  attemptsAt,
  endsProcesses,
  hasFailed,
  recordsTogether,
} from '../../../pipeline/event-log/suspicion.ts'

const MINUTE_MS = 60_000

const attempt = (
  first: number,
  last: number,
  failure: string | null = null,
  atMs = 0,
): Attempt => ({
  atMs,
  id: `${first}-${last}`,
  first: BigInt(first),
  last: BigInt(last),
  failure,
})

/** What a process does with records that begin at `first`: an attempt it does not survive, or where it passes a record over. */
const live = (attempts: readonly Attempt[], first: number, count: number, deadly: number) => {
  for (let next = first; next < count; ) {
    const together = recordsTogether(attempts, BigInt(next), count - next)
    if (together === 1 && endsProcesses(attempts, BigInt(next))) return { next, passed: next }
    if (deadly >= next && deadly < next + together)
      return { next, died: attempt(next, next + together - 1) }
    next += together
  }
  return { next: count }
}

describe('suspicion', () => {
  test('what nobody died of is taken all together', () => {
    expect(recordsTogether([], 0n, 500)).toBe(500)
    expect(recordsTogether([attempt(0, 9), attempt(0, 9)], 10n, 500)).toBe(500)
  })

  test('three ends without a word say nothing, since processes are killed for many reasons', () => {
    const ends = Array.from({ length: 4 }, () => attempt(0, 499))
    expect(recordsTogether(ends.slice(1), 0n, 500)).toBe(500)
    expect(recordsTogether(ends, 0n, 500)).toBe(8)
  })

  test('what was thrown once is looked for at once', () => {
    expect(recordsTogether([attempt(0, 4999, 'thrown')], 0n, 5000)).toBe(79)
    expect(recordsTogether([attempt(0, 78, 'thrown')], 0n, 5000)).toBe(1)
    expect(hasFailed([attempt(0, 78, 'thrown')], 78n)).toBe(true)
    expect(hasFailed([attempt(0, 78, 'thrown')], 79n)).toBe(false)
  })

  /** One after the other, so far apart. */
  const ends = (gapMs: number, ...attempts: readonly Attempt[]): readonly Attempt[] =>
    attempts.map((one, place) => ({ ...one, atMs: place * gapMs }))

  test('a record is passed over untried only after six ends or more, two of them its own', () => {
    const [range, alone] = [attempt(0, 9), attempt(3, 3)]
    const often = [range, range, range, range]
    expect(endsProcesses(ends(MINUTE_MS, ...often, range, range), 3n)).toBe(false)
    expect(endsProcesses(ends(MINUTE_MS, ...often, range, alone), 3n)).toBe(false)
    expect(endsProcesses(ends(MINUTE_MS, ...often, alone, alone), 3n)).toBe(true)
    expect(endsProcesses(ends(MINUTE_MS, ...often, alone, alone), 4n)).toBe(false)
  })

  test('kills within some minutes cost no record, however many they are, nor does a clock that jumps', () => {
    const alone = Array.from({ length: 30 }, () => attempt(3, 3))
    expect(endsProcesses(ends(8000, ...alone), 3n)).toBe(false)
    const jumped = ends(8000, ...alone).map((one, place) =>
      place === 4 || place === 20 ? { ...one, atMs: one.atMs + 60 * MINUTE_MS } : one,
    )
    expect(endsProcesses(jumped.slice(0, 20), 3n)).toBe(false)
    expect(endsProcesses(ends(8000, ...alone, ...alone), 3n)).toBe(true)
  })

  test('a record that ends every process is found after seven ends at most, whatever surrounds it, and no other is passed over', () => {
    const places = fc
      .integer({ min: 1, max: 5000 })
      .chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count - 1 })))
    fc.assert(
      fc.property(places, ([count, deadly]) => {
        const attempts: Attempt[] = []
        let first = 0
        for (let lives = 0; lives < 8; lives++) {
          const end = live(attempts, first, count, deadly)
          first = end.next
          if (end.passed !== undefined) return end.passed === deadly
          if (end.died === undefined) return false
          attempts.push({ ...end.died, atMs: lives * MINUTE_MS })
        }
        return false
      }),
    )
  })

  test('attempts are asked for by the record that they had in hand', () => {
    const attempts = [attempt(0, 9), attempt(5, 5), attempt(6, 7)]
    expect(attemptsAt(attempts, 5n)).toEqual(attempts.slice(0, 2))
  })
})
