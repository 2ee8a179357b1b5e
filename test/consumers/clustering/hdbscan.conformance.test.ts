import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clusterHierarchy } from '../../../consumers/clustering/cluster-hierarchy.ts'
import { approximatePredict, hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import {
  type HdbscanInput,
  type HdbscanResult,
  settleOptions,
} from '../../../consumers/clustering/hdbscan-model.ts'
import { preparePoints } from '../../../consumers/clustering/prepare-points.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { adjustedRandIndex, differingRows, renaming } from '../../support/compare-labels.ts'
import { primTree } from '../../support/prim-tree.ts'
import { testData } from '../../support/test-data.ts'

interface Fixture {
  readonly name: string
  readonly n: number
  readonly d: number
  readonly mcs: number
  readonly ms: number
  readonly X: readonly number[]
  readonly labels: readonly number[]
  readonly prob: readonly number[]
  readonly cluster_selection_method?: 'eom' | 'leaf'
  readonly allow_single_cluster?: boolean
}

interface Expected {
  readonly clusters: number
  readonly noise: number
  readonly differing: number
  readonly ari: number
  /** Clusters and noise with minSamples 1, where continuous data has no ties. */
  readonly untied?: readonly [number, number]
  /** The order of ties under which the reference is met exactly. */
  readonly order?: 'ascending' | 'descending'
}

/** scikit-learn 1.9.1 (brute), and what a merge of all equal edges at once makes of the same data. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  hdbscan_test_blobs200: {
    clusters: 3,
    noise: 0,
    differing: 0,
    ari: 1,
    untied: [3, 0],
    order: 'descending',
  },
  sk_blobs300: {
    clusters: 4,
    noise: 1,
    differing: 1,
    ari: 0.996,
    untied: [4, 0],
    order: 'ascending',
  },
  sk_blobs300_leaf: {
    clusters: 4,
    noise: 1,
    differing: 1,
    ari: 0.996,
    untied: [8, 98],
    order: 'ascending',
  },
  moons200_ms5: { clusters: 2, noise: 0, differing: 0, ari: 1, untied: [2, 0], order: 'ascending' },
  single_blob: {
    clusters: 4,
    noise: 71,
    differing: 80,
    ari: -0.164,
    untied: [8, 28],
    order: 'descending',
  },
  single_blob_allow: {
    clusters: 1,
    noise: 63,
    differing: 53,
    ari: -0.045,
    untied: [1, 5],
    order: 'descending',
  },
  iris: { clusters: 2, noise: 3, differing: 1, ari: 0.991, untied: [2, 0], order: 'ascending' },
  digits64: { clusters: 13, noise: 529, differing: 16, ari: 0.975 },
  unit384_10clusters_20noise: {
    clusters: 10,
    noise: 98,
    differing: 0,
    ari: 1,
    untied: [10, 86],
    order: 'ascending',
  },
}

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8'))

const large = testData('hdbscan_fixtures.json', 2) as readonly Fixture[] | null
const fixtures = [
  ...(read('hdbscan.json') as readonly Fixture[]),
  ...(large ?? []).filter(({ n, d }) => n * d > 1000),
]

const inputOf = (
  fixture: Fixture,
  points: Float64Array = Float64Array.from(fixture.X),
): HdbscanInput => ({
  points,
  dimensions: fixture.d,
  metric: 'euclidean',
  minClusterSize: fixture.mcs,
  minSamples: fixture.ms,
  clusterSelectionMethod: fixture.cluster_selection_method ?? 'eom',
  allowSingleCluster: fixture.allow_single_cluster ?? false,
})

const cluster = (fixture: Fixture, points?: Float64Array): HdbscanResult =>
  hdbscan(inputOf(fixture, points))

/** Ties one after the other, in the order of a tree that was grown from the first row. */
const clusterInOrder = (fixture: Fixture, order: 'ascending' | 'descending') => {
  const input = inputOf(fixture)
  const points = preparePoints(input.points, input.dimensions, input.metric)
  const tree = primTree(points, null, fixture.ms, order)
  const options = settleOptions(input)
  return clusterHierarchy({ points, weights: null, ...tree, options, ties: 'sequential' })
}

const shapeOf = ({ labels, persistence }: HdbscanResult): readonly [number, number] => [
  persistence.length,
  labels.filter((label) => label < 0).length,
]

const permuted = (fixture: Fixture, seed: string) => {
  const random = seededRandom(seed)
  const order = Array.from({ length: fixture.n }, (_, row) => ({ row, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row)
  const points = Float64Array.from(
    order.flatMap((row) => fixture.X.slice(row * fixture.d, (row + 1) * fixture.d)),
  )
  return { order, points }
}

describe.each(fixtures)('HDBSCAN on $name', (fixture) => {
  const expected = EXPECTED[fixture.name] as Expected
  const result = cluster(fixture)

  test('gives the canonical clusters of simultaneous ties', () => {
    expect(shapeOf(result)).toEqual([expected.clusters, expected.noise])
    expect(differingRows(result.labels, fixture.labels)).toBe(expected.differing)
    expect(adjustedRandIndex(result.labels, fixture.labels)).toBeCloseTo(expected.ari, 3)
  })

  test.runIf(expected.order !== undefined)(
    'equals the reference, probabilities included, when ties are merged in its order',
    () => {
      const sequential = clusterInOrder(fixture, expected.order ?? 'ascending')
      expect(differingRows(sequential.labels, fixture.labels)).toBe(0)
      for (const [row, probability] of sequential.probabilities.entries())
        expect(probability).toBeCloseTo(fixture.prob[row] as number, 11)
    },
  )

  test.runIf(expected.untied !== undefined)(
    'gives the reference shape where nothing is tied',
    () => {
      expect(shapeOf(hdbscan({ ...inputOf(fixture), minSamples: 1 }))).toEqual(expected.untied)
    },
  )

  test.each(fixture.n > 1000 ? ['a'] : ['a', 'b', 'c'])(
    'does not depend on the order of the rows (%s)',
    (seed) => {
      const { order, points } = permuted(fixture, seed)
      const other = cluster(fixture, points)
      const own = order.map((row) => result.labels[row] as number)
      expect(differingRows(other.labels, own)).toBe(0)
      expect([...other.probabilities]).toEqual(order.map((row) => result.probabilities[row]))
      expect([...other.outlierScores]).toEqual(order.map((row) => result.outlierScores[row]))
    },
  )
})

test('outlier scores, persistence and predictions equal those of the reference predictor', () => {
  const fixture = read('approximate-predict.json') as {
    readonly X: readonly (readonly number[])[]
    readonly labels: readonly number[]
    readonly probabilities: readonly number[]
    readonly outlier_scores: readonly number[]
    readonly persistence: readonly number[]
    readonly query: readonly (readonly number[])[]
    readonly pred_labels: readonly number[]
    readonly pred_prob: readonly number[]
  }
  const model = hdbscan({
    points: Float64Array.from(fixture.X.flat()),
    dimensions: 2,
    metric: 'euclidean',
    minClusterSize: 8,
    minSamples: 6,
  })
  expect(differingRows(model.labels, fixture.labels)).toBe(0)
  const names = renaming(model.labels, fixture.labels)
  const near = (actual: ArrayLike<number>, reference: readonly number[]): void => {
    for (const [place, value] of reference.entries())
      expect(Math.abs((actual[place] as number) - value)).toBeLessThan(1e-12)
  }
  near(model.probabilities, fixture.probabilities)
  near(model.outlierScores, fixture.outlier_scores)
  for (const [label, persistence] of model.persistence.entries())
    near([persistence], [fixture.persistence[names.get(label) as number] as number])
  const predicted = approximatePredict(model, Float64Array.from(fixture.query.flat()))
  expect([...predicted.labels].map((label) => names.get(label))).toEqual(fixture.pred_labels)
  near(predicted.probabilities, fixture.pred_prob)
})
