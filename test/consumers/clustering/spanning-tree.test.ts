import { describe, expect, test } from 'vitest'
import { clusterHierarchy } from '../../../consumers/clustering/cluster-hierarchy.ts'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import { type HdbscanInput, settleOptions } from '../../../consumers/clustering/hdbscan-model.ts'
import { preparePoints, prepareWeights } from '../../../consumers/clustering/prepare-points.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { differingRows } from '../../support/compare-labels.ts'
import { primTree } from '../../support/prim-tree.ts'

const random = seededRandom('spanning tree')
const gauss = (): number => {
  let sum = 0
  for (let k = 0; k < 12; k++) sum += random()
  return sum - 6
}
const fill = (count: number, value: (row: number, column: number) => number, dimensions: number) =>
  Float64Array.from({ length: count * dimensions }, (_, place) =>
    value(Math.floor(place / dimensions), place % dimensions),
  )

interface Case {
  readonly points: Float64Array | Float32Array
  readonly dimensions: number
  readonly metric?: 'cosine'
  readonly minSamples?: number
  readonly weights?: readonly number[]
}

/** More rows than any block holds, and what is hard for a grid of whole numbers. */
const CASES: Readonly<Record<string, () => Case>> = {
  'clusters and noise': () => ({
    points: fill(2300, (row, column) => gauss() + (row % 5 === column ? 9 : 0), 20),
    dimensions: 20,
  }),
  'unit rows': () => ({ points: fill(1500, gauss, 40), dimensions: 40, metric: 'cosine' }),
  'without neighbours': () => ({ points: fill(1300, gauss, 3), dimensions: 3, minSamples: 1 }),
  'many neighbours': () => ({ points: fill(900, gauss, 5), dimensions: 5, minSamples: 300 }),
  'a lattice': () => ({ points: fill(1200, () => Math.floor(random() * 9), 2), dimensions: 2 }),
  'few distinct rows': () => ({
    points: fill(1100, (row) => (row % 7) ** 2, 18),
    dimensions: 18,
    minSamples: 200,
  }),
  'equal rows': () => ({ points: fill(1100, () => 3, 4), dimensions: 4 }),
  'one row far away': () => ({
    points: fill(700, (row) => (row === 5 ? 1e9 : gauss()), 6),
    dimensions: 6,
  }),
  'heavy tails': () => ({ points: fill(800, () => gauss() ** 9, 6), dimensions: 6 }),
  'far from the origin': () => ({ points: fill(600, () => 1e7 + gauss(), 6), dimensions: 6 }),
  'nothing but zeros in most places': () => ({
    points: fill(700, () => (random() < 0.02 ? gauss() : 0), 90),
    dimensions: 90,
    metric: 'cosine',
  }),
  'huge values': () => ({ points: fill(500, () => 1e300 * gauss(), 3), dimensions: 3 }),
  'tiny values': () => ({ points: fill(500, () => 1e-300 * gauss(), 3), dimensions: 3 }),
  weights: () => ({
    points: Float32Array.from(fill(900, gauss, 8)),
    dimensions: 8,
    minSamples: 6,
    weights: Array.from({ length: 900 }, () => 1 + Math.floor(random() * 9)),
  }),
}

describe.each(Object.entries(CASES))('the tree of %s', (_, make) => {
  test('is a minimum one: clusters equal those of all pairs, to the last bit', () => {
    const input: HdbscanInput = { metric: 'euclidean', minClusterSize: 10, ...make() }
    const points = preparePoints(input.points, input.dimensions, input.metric)
    const weights = prepareWeights(input.weights, points.count)
    const options = settleOptions(input)
    const plain = clusterHierarchy({
      points,
      weights,
      options,
      ...primTree(points, weights, options.minSamples),
    })
    const own = hdbscan(input)
    expect(differingRows(own.labels, plain.labels)).toBe(0)
    expect(own.lambdas).toEqual(plain.lambdas)
    expect(own.probabilities).toEqual(plain.probabilities)
    expect(own.outlierScores).toEqual(plain.outlierScores)
    expect(own.persistence).toEqual(plain.persistence)
  })
})
