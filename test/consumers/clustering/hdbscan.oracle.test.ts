import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openWebAssemblySieve } from '../../../consumers/clustering/choose-sieve-engine.ts'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import type { HdbscanInput } from '../../../consumers/clustering/hdbscan-model.ts'
import { plainSieve } from '../../../consumers/clustering/plain-sieve.ts'
import { bruteHdbscan } from '../../support/brute-hdbscan.ts'
import { clusteringInputs } from '../../support/clustering-inputs.ts'
import { differingRows } from '../../support/compare-labels.ts'

/** Sums of the same numbers in another order. */
const near = (actual: Iterable<number>, expected: Iterable<number>): void => {
  const [own, other] = [[...actual], [...expected]]
  expect(own.length).toBe(other.length)
  for (const [place, value] of own.entries()) {
    const reference = other[place] ?? Number.NaN
    if (Object.is(value, reference)) continue
    expect(Math.abs(value - reference)).toBeLessThanOrEqual(
      1e-12 * Math.max(1, Math.abs(reference)),
    )
  }
}

const ascending = (values: Float64Array): Float64Array => values.toSorted()

describe('HDBSCAN equals its definition', () => {
  const engines = [
    ['WebAssembly', openWebAssemblySieve],
    ['plain TypeScript', plainSieve],
  ] as const

  test('and runs on WebAssembly here', () => {
    expect(openWebAssemblySieve).not.toBeNull()
  })

  test.each(engines)(
    'with %s: labels, probabilities, λ, stability, outlier scores',
    (_, engine) => {
      fc.assert(
        fc.property(clusteringInputs(28), (input: HdbscanInput) => {
          const own = hdbscan(input, engine ?? plainSieve)
          const brute = bruteHdbscan(input)
          expect(differingRows(own.labels, brute.labels)).toBe(0)
          expect([...own.lambdas]).toEqual(brute.lambdas)
          expect([...own.probabilities]).toEqual(brute.probabilities)
          expect([...own.outlierScores]).toEqual(brute.outlierScores)
          near(ascending(own.condensedTree.stability), brute.stabilities)
          const ofTree = own.persistence.filter((_, label) =>
            own.training.labelOfCluster.includes(label),
          )
          near(ascending(ofTree), brute.persistence)
        }),
        { numRuns: 1000 },
      )
    },
  )
})
