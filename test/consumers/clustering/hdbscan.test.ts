import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { approximatePredict } from '../../../consumers/clustering/approximate-predict.ts'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import type { HdbscanInput } from '../../../consumers/clustering/hdbscan-model.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'
import { differingRows } from '../../support/compare-labels.ts'

type Options = Partial<Omit<HdbscanInput, 'points' | 'dimensions'>>

const run = (rows: readonly (readonly number[])[], options: Options = {}) =>
  hdbscan({
    points: Float64Array.from(rows.flat()),
    dimensions: 2,
    metric: 'euclidean',
    minClusterSize: 3,
    ...options,
  })

/** Points of a small grid: nearly every distance is tied with others. */
const grid = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), {
  minLength: 1,
  maxLength: 40,
})
const options = fc.record({
  minClusterSize: fc.integer({ min: 2, max: 5 }),
  minSamples: fc.integer({ min: 1, max: 5 }),
  clusterSelectionMethod: fc.constantFrom('eom' as const, 'leaf' as const),
  allowSingleCluster: fc.boolean(),
  distanceFloor: fc.constantFrom(0, 0.5, 1, 1.5),
  clusterSelectionEpsilon: fc.constantFrom(0, 1.2),
})

describe('HDBSCAN', () => {
  test('does not depend on the order of the rows, to the last bit', () => {
    fc.assert(
      fc.property(grid, options, fc.infiniteStream(fc.nat(1000)), (rows, chosen, keys) => {
        const order = rows
          .map((_, row) => ({ row, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row)
        const own = run(rows, chosen)
        const other = run(
          order.map((row) => rows[row] ?? [0, 0]),
          chosen,
        )
        expect(
          differingRows(
            other.labels,
            order.map((row) => own.labels[row] ?? 0),
          ),
        ).toBe(0)
        expect([...other.probabilities]).toEqual(order.map((row) => own.probabilities[row]))
        expect([...other.outlierScores]).toEqual(order.map((row) => own.outlierScores[row]))
      }),
      { numRuns: 300 },
    )
  })

  test('treats a row of weight w as w equal rows', () => {
    const weighted = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
      ),
      { minLength: 1, maxLength: 25 },
    )
    fc.assert(
      fc.property(weighted, options, (rows, chosen) => {
        const copies = rows.flatMap(([x, y, weight]) =>
          Array.from({ length: weight }, () => [x, y]),
        )
        const owner = rows.flatMap(([, , weight], row) => Array.from({ length: weight }, () => row))
        const single = run(
          rows.map(([x, y]) => [x, y]),
          { ...chosen, weights: rows.map(([, , weight]) => weight) },
        )
        const replicated = run(copies, chosen)
        expect(
          differingRows(
            replicated.labels,
            owner.map((row) => single.labels[row] ?? 0),
          ),
        ).toBe(0)
        expect([...replicated.probabilities]).toEqual(owner.map((row) => single.probabilities[row]))
      }),
      { numRuns: 300 },
    )
  })

  test('gives the same clusters when all lengths are doubled', () => {
    fc.assert(
      fc.property(grid, options, (rows, chosen) => {
        const own = run(rows, chosen)
        const doubled = run(
          rows.map(([x, y]) => [2 * x, 2 * y]),
          {
            ...chosen,
            distanceFloor: 2 * chosen.distanceFloor,
            clusterSelectionEpsilon: 2 * chosen.clusterSelectionEpsilon,
          },
        )
        expect([...doubled.labels]).toEqual([...own.labels])
        expect([...doubled.probabilities]).toEqual([...own.probabilities])
      }),
      { numRuns: 100 },
    )
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s and names its row',
    (value) => {
      const bad = (): unknown =>
        run([
          [0, 0],
          [1, 1],
          [2, value],
          [3, 3],
        ])
      expect(bad).toThrow(InvalidInputError)
      expect(bad).toThrow(/Row 2 .*points-invalid/)
    },
  )

  test.each([
    ['a minimum cluster size of 1', { minClusterSize: 1 }],
    ['no samples', { minSamples: 0 }],
    ['a size that is no number', { minClusterSize: Number.NaN }],
    ['a weight of 0', { weights: [1, 0] }],
    ['too few weights', { weights: [1] }],
  ])('refuses %s', (_, chosen) => {
    expect(() =>
      run(
        [
          [0, 0],
          [1, 1],
        ],
        chosen,
      ),
    ).toThrow(InvalidInputError)
  })

  test('answers nothing for no rows, and noise for one and two', () => {
    expect([...run([]).labels]).toEqual([])
    expect([...run([[1, 1]]).labels]).toEqual([-1])
    expect([
      ...run([
        [1, 1],
        [2, 2],
      ]).labels,
    ]).toEqual([-1, -1])
  })

  test('makes one cluster of equal rows that are as many as a cluster needs', () => {
    const rows = [
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]
    expect([...run(rows).labels]).toEqual([0, 0, 0, 0])
    expect([...run(rows, { minClusterSize: 5 }).labels]).toEqual([-1, -1, -1, -1])
    expect([...run(rows).probabilities]).toEqual([1, 1, 1, 1])
  })

  test('never leaves a row as noise that alone weighs the minimum cluster size', () => {
    const rows = [
      [0, 0],
      [5, 1],
      [9, 9],
    ]
    expect([...run(rows, { weights: [7, 1, 1] }).labels]).toEqual([0, -1, -1])
    fc.assert(
      fc.property(grid, options, fc.integer({ min: 5, max: 9 }), (points, chosen, weight) => {
        const weights = points.map((_, row) => (row === 0 ? weight : 1))
        expect(run(points, { ...chosen, weights }).labels[0]).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 200 },
    )
  })

  test('numbers the clusters by weight and describes each by its exemplars', () => {
    const blob = (x: number, count: number): number[][] =>
      Array.from({ length: count }, (_, i) => [x + i / 100, (i * i) / 5000])
    const { labels, exemplars, persistence } = run([...blob(0, 4), ...blob(10, 8), [500, 500]], {
      minSamples: 2,
    })
    expect([...labels]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, -1])
    expect(persistence).toHaveLength(2)
    for (const [label, rows] of exemplars.entries()) {
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(labels[row]).toBe(label)
    }
  })

  test('selects no cluster above the largest size', () => {
    const blob = (x: number): number[][] =>
      Array.from({ length: 10 }, (_, i) => [x + (i % 5) / 10, Math.floor(i / 5) / 10])
    const rows = [...blob(0), ...blob(0.55), ...blob(100), ...blob(100.55)]
    const heaviest = (maxClusterSize: number): number => {
      const { labels } = run(rows, { maxClusterSize, minSamples: 2 })
      return Math.max(...[0, 1, 2, 3].map((label) => labels.filter((own) => own === label).length))
    }
    expect(heaviest(10)).toBe(10)
    expect(heaviest(40)).toBe(20)
  })

  test('compares directions only under cosine', () => {
    const rows = [
      [1, 0.01],
      [20, 0.1],
      [3, 0],
      [0, 1],
      [0.1, 20],
      [0, 300],
    ]
    const { labels } = run(rows, { metric: 'cosine', minSamples: 2 })
    expect([...labels]).toEqual([0, 0, 0, 1, 1, 1])
  })
})

describe('prediction', () => {
  const rows = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1.1],
    [20, 20],
    [20, 21],
    [21, 20],
    [21, 21.1],
  ]

  test('puts every row of the clustering back where it is', () => {
    const model = run(rows, { minSamples: 2 })
    expect([...approximatePredict(model, Float64Array.from(rows.flat())).labels]).toEqual([
      ...model.labels,
    ])
  })

  test('calls what is far from everything noise and says how far it is', () => {
    const model = run(rows, { minSamples: 2 })
    const { labels, distances } = approximatePredict(model, Float64Array.from([400, -400]))
    expect([...labels]).toEqual([-1])
    expect(distances[0]).toBeGreaterThan(500)
  })

  test('knows a single heavy row again, and nothing else', () => {
    const model = run(
      [
        [0, 0],
        [9, 9],
      ],
      { weights: [5, 1] },
    )
    expect([...approximatePredict(model, Float64Array.from([0, 0, 5, 5])).labels]).toEqual([0, -1])
  })

  test('answers noise where there is nothing', () => {
    expect([...approximatePredict(run([]), Float64Array.from([1, 1])).labels]).toEqual([-1])
  })
})
