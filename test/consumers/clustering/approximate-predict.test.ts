import fc from 'fast-check'
import { expect, test } from 'vitest'
import { approximatePredict } from '../../../consumers/clustering/approximate-predict.ts'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'

const DIMENSIONS = 3
// A coarse grid: ties in every distance.
const row = fc.array(fc.integer({ min: -3, max: 3 }), {
  minLength: DIMENSIONS,
  maxLength: DIMENSIONS,
})
const rows = (least: number, most: number) =>
  fc.array(row, { minLength: least, maxLength: most }).map((list) => Float64Array.from(list.flat()))

test('points are placed alike one by one, which looks at all rows, and many at once, which sieves them', () => {
  fc.assert(
    fc.property(
      rows(1, 40),
      rows(9, 30),
      fc.constantFrom('euclidean' as const, 'cosine' as const),
      fc.integer({ min: 1, max: 5 }),
      (points, queries, metric, minSamples) => {
        const model = hdbscan({
          points,
          dimensions: DIMENSIONS,
          weights: Array.from(
            { length: points.length / DIMENSIONS },
            (_, place) => 1 + (place % 3),
          ),
          metric,
          minClusterSize: 3,
          minSamples,
        })
        const together = approximatePredict(model, queries)
        for (let query = 0; query < queries.length / DIMENSIONS; query++) {
          const alone = approximatePredict(
            model,
            queries.subarray(query * DIMENSIONS, (query + 1) * DIMENSIONS),
          )
          expect([alone.labels[0], alone.probabilities[0], alone.distances[0]]).toEqual([
            together.labels[query],
            together.probabilities[query],
            together.distances[query],
          ])
        }
      },
    ),
    { numRuns: 150 },
  )
})
