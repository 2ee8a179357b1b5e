import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignPairs } from '../../../consumers/clustering/assign-pairs.ts'
import { type Move, matchClusters } from '../../../consumers/clustering/match-clusters.ts'

/** The best total over every one-to-one assignment, by trying all. */
const bestTotal = (
  gains: readonly (readonly number[])[],
  row = 0,
  taken: readonly number[] = [],
): number =>
  row === gains.length
    ? 0
    : Math.max(
        bestTotal(gains, row + 1, taken),
        ...(gains[row] ?? []).map((gain, column) =>
          taken.includes(column) ? 0 : gain + bestTotal(gains, row + 1, [...taken, column]),
        ),
      )

describe('assignment', () => {
  test('is one to one with the largest possible total', () => {
    const matrix = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
      .chain(([rows, columns]) =>
        fc.array(
          fc.array(fc.integer({ min: 0, max: 9 }), { minLength: columns, maxLength: columns }),
          {
            minLength: rows,
            maxLength: rows,
          },
        ),
      )
    fc.assert(
      fc.property(matrix, (gains) => {
        const assigned = assignPairs(gains)
        const used = assigned.filter((column) => column >= 0)
        expect(new Set(used).size).toBe(used.length)
        const total = assigned.reduce((sum, column, row) => sum + (gains[row]?.[column] ?? 0), 0)
        expect(total).toBe(bestTotal(gains))
      }),
      { numRuns: 200 },
    )
  })

  test('of nothing is nothing', () => {
    expect(assignPairs([])).toEqual([])
    expect(assignPairs([[], []])).toEqual([-1, -1])
  })
})

const moves = (before: string | null, after: number | null, count: number): Move[] =>
  Array.from({ length: count }, () => ({ before, after, weight: 1 }))

describe('identity over a re-clustering', () => {
  test('stays when failures arrive and some leave', () => {
    const { origins, closed } = matchClusters(
      [...moves('a', 0, 8), ...moves('a', null, 2), ...moves(null, 0, 30), ...moves('b', 1, 5)],
      2,
      ['a', 'b'],
    )
    expect(origins).toEqual([
      { kind: 'survived', id: 'a' },
      { kind: 'survived', id: 'b' },
    ])
    expect(closed).toEqual([])
  })

  test('stays with the larger part of a split, whose other part names its parent', () => {
    const { origins, closed } = matchClusters([...moves('a', 0, 4), ...moves('a', 1, 6)], 2, ['a'])
    expect(origins).toEqual([
      { kind: 'split', parent: 'a' },
      { kind: 'survived', id: 'a' },
    ])
    expect(closed).toEqual([])
  })

  test('goes to the heavier of two that merge, and the other says into what', () => {
    const { origins, closed } = matchClusters([...moves('a', 0, 4), ...moves('b', 0, 9)], 1, [
      'a',
      'b',
    ])
    expect(origins).toEqual([{ kind: 'survived', id: 'b' }])
    expect(closed).toEqual([{ id: 'a', into: 0 }])
  })

  test('begins where there was only noise, and ends where only noise is left', () => {
    const { origins, closed } = matchClusters([...moves(null, 0, 5), ...moves('a', null, 5)], 1, [
      'a',
      'gone',
    ])
    expect(origins).toEqual([{ kind: 'emerged' }])
    expect(closed).toEqual([
      { id: 'a', into: null },
      { id: 'gone', into: null },
    ])
  })

  test('never gives one id to two clusters, nor loses a cluster', () => {
    const anyMoves = fc.array(
      fc.record({
        before: fc.constantFrom(null, 'a', 'b', 'c'),
        after: fc.constantFrom(null, 0, 1, 2),
        weight: fc.integer({ min: 1, max: 5 }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(anyMoves, (random) => {
        const { origins, closed } = matchClusters(random, 3, ['a', 'b', 'c'])
        const kept = origins.flatMap((origin) => (origin.kind === 'survived' ? [origin.id] : []))
        expect([...kept, ...closed.map(({ id }) => id)].sort()).toEqual(['a', 'b', 'c'])
        expect(origins).toHaveLength(3)
        for (const origin of origins)
          if (origin.kind === 'split') expect(kept).toContain(origin.parent)
      }),
    )
  })
})
