import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openWebAssemblySieve } from '../../../consumers/clustering/choose-sieve-engine.ts'
import { PairSieve } from '../../../consumers/clustering/pair-sieve.ts'
import { plainSieve } from '../../../consumers/clustering/plain-sieve.ts'
import { preparePoints } from '../../../consumers/clustering/prepare-points.ts'
import type { OpenSieveEngine } from '../../../consumers/clustering/sieve-engine.ts'
import { squaredDistance } from '../../../consumers/clustering/squared-distance.ts'
import { clusteringInputs } from '../../support/clustering-inputs.ts'
import { assembledSieve, SIEVE_CODE_FILE } from './assemble-sieve.ts'

type Pairs = ReadonlyMap<string, number>

/** Fine squared distance of each pair that the sieve finds within a share of the largest distance. */
const findPairs = (
  input: Parameters<typeof preparePoints>,
  share: number,
  engine: OpenSieveEngine,
): { readonly pairs: Pairs; readonly isComplete: boolean } => {
  const points = preparePoints(...input)
  const rows = Int32Array.from({ length: Math.min(points.count, 64) }, (_, row) => row)
  const sieve = new PairSieve(points, engine)
  const distance = (i: number, j: number): number =>
    Math.sqrt(squaredDistance(points, i, points, j))
  const reach = share * Math.max(...[...rows].map((row) => distance(0, row)))
  sieve.loadLeft(points, rows)
  sieve.loadRight(points, rows)
  for (const row of rows) sieve.limitLeft(row, row % 2 === 0 ? reach * sieve.scale : -1)
  for (const row of rows) sieve.limitRight(row, row % 3 === 0 ? reach * sieve.scale : -1)
  const pairs = new Map<string, number>()
  for (let strip = 0; 4 * strip < rows.length; strip++) {
    const count = sieve.sift(strip)
    for (let pair = 0; pair < count; pair++) {
      const place = sieve.places[4 * pair] ?? 0
      const key = `${4 * strip + (place & 3)}-${place >> 2}`
      pairs.set(key, sieve.squares[2 * pair + 1] ?? 0)
    }
  }
  const isComplete = [...rows].every((i) =>
    [...rows].every(
      (j) => (i % 2 !== 0 && j % 3 !== 0) || distance(i, j) > reach || pairs.has(`${i}-${j}`),
    ),
  )
  return { pairs, isComplete }
}

describe('the sieve', () => {
  test('never loses a pair, and finds the same on every engine', () => {
    fc.assert(
      fc.property(
        clusteringInputs(64),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (input, share) => {
          const { points, dimensions, metric } = input
          const plain = findPairs([points, dimensions, metric], share, plainSieve)
          expect(plain.isComplete).toBe(true)
          const fast = findPairs(
            [points, dimensions, metric],
            share,
            openWebAssemblySieve ?? plainSieve,
          )
          expect(fast.pairs).toEqual(plain.pairs)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('is the code that its text is assembled to', async () => {
    expect(readFileSync(SIEVE_CODE_FILE, 'utf8')).toBe(await assembledSieve())
  })
})
