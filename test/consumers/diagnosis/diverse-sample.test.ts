import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  diverseSample,
  jaccardDistance,
  type SampleCandidate,
} from '../../../consumers/diagnosis/diverse-sample.ts'

const run = (traceId: string, fingerprint: string, sessionId: string | null = null, atMs = 0) => ({
  traceId,
  fingerprint,
  sessionId,
  atMs,
  features: fingerprint.split(''),
})

const anyRuns = fc
  .uniqueArray(
    fc.record({
      number: fc.nat(10_000),
      fingerprint: fc.constantFrom('ab', 'abc', 'xyz', 'x', 'q'),
      sessionId: fc.option(fc.constantFrom('s1', 's2', 's3', 's4'), { nil: null }),
      atMs: fc.nat(5),
    }),
    { selector: ({ number }) => number, maxLength: 40 },
  )
  .map((records) =>
    records.map(({ number, fingerprint, sessionId, atMs }) =>
      run(`t${number}`, fingerprint, sessionId, atMs),
    ),
  )

describe('a diverse sample', () => {
  test('starts with the heaviest kind and goes on with what is least like it', () => {
    const runs = [
      ...Array.from({ length: 5 }, (_, index) => run(`a${index}`, 'abcd')),
      ...Array.from({ length: 3 }, (_, index) => run(`b${index}`, 'abce')),
      run('far', 'xyz'),
    ]
    expect(diverseSample(runs, 3).map(({ fingerprint }) => fingerprint)).toEqual([
      'abcd',
      'xyz',
      'abce',
    ])
  })

  test('starts with the exemplars where the clustering names them', () => {
    const runs = [run('1', 'ab'), run('2', 'ab'), run('3', 'xy')]
    expect(diverseSample(runs, 1, new Set(['xy'])).map(({ traceId }) => traceId)).toEqual(['3'])
  })

  test('has one run of a session, at most so many, no run twice, and does not hang on their order', () => {
    fc.assert(
      fc.property(anyRuns, fc.integer({ min: 1, max: 10 }), fc.nat(), (runs, size, seed) => {
        const chosen = diverseSample(runs, size)
        expect(chosen.length).toBeLessThanOrEqual(size)
        expect(new Set(chosen.map(({ traceId }) => traceId)).size).toBe(chosen.length)
        const sessions = chosen.flatMap(({ sessionId }) => sessionId ?? [])
        expect(new Set(sessions).size).toBe(sessions.length)
        expect(diverseSample(rotated(runs, seed), size)).toEqual(chosen)
        expect(chosen.length).toBe(Math.min(size, mostWithoutSessionTwice(runs)))
      }),
    )
  })
})

const rotated = (runs: readonly SampleCandidate[], by: number): readonly SampleCandidate[] => {
  const cut = runs.length === 0 ? 0 : by % runs.length
  return [...runs.slice(cut), ...runs.slice(0, cut)].reverse()
}

const mostWithoutSessionTwice = (runs: readonly SampleCandidate[]): number =>
  runs.filter(({ sessionId }) => sessionId === null).length +
  new Set(runs.flatMap(({ sessionId }) => sessionId ?? [])).size

describe('Jaccard distance', () => {
  test.each([
    ['', '', 0],
    ['ab', 'ab', 0],
    ['ab', 'cd', 1],
    ['abc', 'bcd', 0.5],
    ['', 'a', 1],
  ])('of %j and %j is %d', (a, b, distance) => {
    expect(jaccardDistance(new Set(a), new Set(b))).toBe(distance)
  })
})
