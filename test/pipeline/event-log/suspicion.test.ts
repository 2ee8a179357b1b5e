import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Attempt,
  attemptsAt,
  endsProcesses,
  hasFailed,
  recordsTogether,
} from '../../../pipeline/event-log/suspicion.ts'

const attempt = (first: number, last: number, failure: string | null = null): Attempt => ({
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

  test('one end without a word says nothing, since processes are killed for many reasons', () => {
    expect(recordsTogether([attempt(0, 499)], 0n, 500)).toBe(500)
    expect(recordsTogether([attempt(0, 499), attempt(0, 499)], 0n, 500)).toBe(8)
  })

  test('what was thrown once is looked for at once', () => {
    expect(recordsTogether([attempt(0, 4999, 'thrown')], 0n, 5000)).toBe(79)
    expect(recordsTogether([attempt(0, 78, 'thrown')], 0n, 5000)).toBe(1)
    expect(hasFailed([attempt(0, 78, 'thrown')], 78n)).toBe(true)
    expect(hasFailed([attempt(0, 78, 'thrown')], 79n)).toBe(false)
  })

  test('a record is passed over untried only after four ends, two of them its own', () => {
    const [range, alone] = [attempt(0, 9), attempt(3, 3)]
    expect(endsProcesses([range, range, range, range], 3n)).toBe(false)
    expect(endsProcesses([range, range, range, alone], 3n)).toBe(false)
    expect(endsProcesses([range, alone, alone], 3n)).toBe(false)
    expect(endsProcesses([range, range, alone, alone], 3n)).toBe(true)
    expect(endsProcesses([range, range, alone, alone], 4n)).toBe(false)
  })

  test('a record that ends every process is found within six, whatever surrounds it, and no other is passed over', () => {
    const places = fc
      .integer({ min: 1, max: 5000 })
      .chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count - 1 })))
    fc.assert(
      fc.property(places, ([count, deadly]) => {
        const attempts: Attempt[] = []
        let first = 0
        for (let lives = 0; lives < 6; lives++) {
          const end = live(attempts, first, count, deadly)
          first = end.next
          if (end.passed !== undefined) return end.passed === deadly
          if (end.died === undefined) return false
          attempts.push(end.died)
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
