import fc from 'fast-check'
import type { HdbscanInput } from '../../consumers/clustering/hdbscan-model.ts'

export const clusteringOptions = fc.record({
  metric: fc.constantFrom('euclidean' as const, 'cosine' as const),
  minClusterSize: fc.integer({ min: 2, max: 7 }),
  minSamples: fc.integer({ min: 1, max: 7 }),
  clusterSelectionMethod: fc.constantFrom('eom' as const, 'leaf' as const),
  allowSingleCluster: fc.boolean(),
  clusterSelectionEpsilon: fc.constantFrom(0, 0, 0.4, 1, 1.5),
  maxClusterSize: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 6, 12),
  distanceFloor: fc.constantFrom(0, 0, 0, 0.3, 1),
})

/** Rows of a lattice, where nearly every distance is tied, or anywhere; of one to seventeen dimensions. */
const rowsOf = (most: number): fc.Arbitrary<readonly (readonly number[])[]> =>
  fc
    .tuple(fc.constantFrom(1, 2, 3, 17), fc.constantFrom(2, 6, 1000), fc.boolean())
    .chain(([dimensions, width, isWhole]) => {
      const value = isWhole
        ? fc.integer({ min: -width, max: width })
        : fc.double({ min: -width, max: width, noNaN: true })
      const row = fc.array(value, { minLength: dimensions, maxLength: dimensions })
      return fc.array(row, { minLength: 1, maxLength: most })
    })

/** Inputs of every kind: dense, sparse, tied, repeated, weighted, in both precisions. */
export const clusteringInputs = (most: number): fc.Arbitrary<HdbscanInput> =>
  fc
    .tuple(
      rowsOf(most),
      clusteringOptions,
      fc.boolean(),
      fc.boolean(),
      fc.infiniteStream(fc.nat(6)),
    )
    .map(([rows, options, isSingle, isWeighted, weights]) => ({
      ...options,
      points: isSingle ? Float32Array.from(rows.flat()) : Float64Array.from(rows.flat()),
      dimensions: rows[0]?.length ?? 1,
      ...(isWeighted ? { weights: rows.map(() => 1 + (weights.next().value ?? 0)) } : {}),
    }))
