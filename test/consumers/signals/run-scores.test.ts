import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RawSignal, signalTypeOf } from '../../../consumers/signals/raw-signal.ts'
import { runScores } from '../../../consumers/signals/run-scores.ts'

const aSignal = (overrides: Partial<RawSignal> = {}): RawSignal => ({
  id: 'one',
  name: 'politeness',
  type: null,
  value: 1,
  label: null,
  explanation: null,
  source: 'judge',
  version: null,
  spanId: null,
  userId: null,
  at: '2026-03-01 10:00:00.000',
  ...overrides,
})

describe('the scores of a run', () => {
  test('have the type that was sent, else that of the metric, else automated', () => {
    const typeOf = (signal: Partial<RawSignal>) => runScores([aSignal(signal)])[0]?.type
    expect(typeOf({ type: 'implicit', name: 'stars' })).toBe('implicit')
    expect(typeOf({ name: 'stars' })).toBe('explicit')
    expect(typeOf({})).toBe('automated')
  })

  test('hold the newest of one who judges again, whatever arrives first', () => {
    const before = aSignal({ value: 0 })
    const after = aSignal({ id: 'two', value: 1, at: '2026-03-01 10:00:00.001' })
    for (const signals of [
      [before, after],
      [after, before],
    ])
      expect(runScores(signals).map(({ value }) => value)).toEqual([1])
  })

  test('hold different users, scorers and spans side by side', () => {
    const signals = [
      aSignal(),
      aSignal({ userId: 'ada' }),
      aSignal({ source: 'ci' }),
      aSignal({ spanId: '00f067aa0ba902b7' }),
    ]
    expect(runScores(signals)).toHaveLength(4)
  })

  test('are the same in whatever order the signals arrive, and when they arrive twice', () => {
    const anySignal = fc.record({
      name: fc.constantFrom('politeness', 'stars'),
      source: fc.constantFrom('a', 'b'),
      userId: fc.constantFrom(null, 'ada'),
      value: fc.double({ min: 0, max: 5, noNaN: true }),
      at: fc.constantFrom('1', '2', '3'),
    })
    fc.assert(
      fc.property(fc.array(anySignal), (given) => {
        const signals = given.map(aSignal)
        const scores = runScores(signals)
        expect(runScores([...signals].reverse())).toEqual(scores)
        expect(runScores([...signals, ...signals])).toEqual(scores)
      }),
    )
  })
})

test('a type that is none of the four is not guessed', () => {
  expect(signalTypeOf('Explicit')).toBe('explicit')
  expect(signalTypeOf('loud')).toBeNull()
  expect(signalTypeOf(null)).toBeNull()
})
