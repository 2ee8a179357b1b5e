import type { Random } from '../../../schemas/seeded-random.ts'
import { shuffled } from '../../prompt-optimizer/shuffled.ts'

export type Point = readonly number[] | Float32Array

export interface DriftTest {
  readonly statistic: number
  /** (1 + as large or larger under permutation)/(1 + permutations): valid for any number of permutations. */
  readonly pValue: number
}

/**
 * Energy distance 2E|X − Y| − E|X − X′| − E|Y − Y′| of two samples of points (Székely & Rizzo 2013), with its permutation p-value.
 * It sees any difference of two distributions, strongest in their location. No points on a side: p = 1.
 */
export const energyTest = (
  reference: readonly Point[],
  present: readonly Point[],
  permutations: number,
  random: Random,
): DriftTest => {
  const points = [...reference, ...present]
  const distances = pairwise(points, (squared) => Math.sqrt(squared))
  const statistic = (isPresent: readonly boolean[]): number => {
    const { between, within, inside } = meansOf(distances, isPresent)
    return 2 * between - within - inside
  }
  return permuted({ reference, present, permutations, random }, statistic)
}

/**
 * Maximum mean discrepancy (Gretton et al. 2012) with a Gaussian kernel as wide as the median distance, with its permutation p-value:
 * better than the energy distance at differences in shape. No points on a side: p = 1.
 */
export const mmdTest = (
  reference: readonly Point[],
  present: readonly Point[],
  permutations: number,
  random: Random,
): DriftTest => {
  const points = [...reference, ...present]
  const squared = pairwise(points, (value) => value)
  const width = medianOf(squared) || 1
  const kernel = squared.map((row) => row.map((value) => Math.exp(-value / width)))
  const statistic = (isPresent: readonly boolean[]): number => {
    const { between, within, inside } = meansOf(kernel, isPresent)
    return within + inside - 2 * between
  }
  return permuted({ reference, present, permutations, random }, statistic)
}

interface TwoSamples {
  readonly reference: readonly Point[]
  readonly present: readonly Point[]
  readonly permutations: number
  readonly random: Random
}

const permuted = (
  { reference, present, permutations, random }: TwoSamples,
  statistic: (isPresent: readonly boolean[]) => number,
): DriftTest => {
  if (reference.length === 0 || present.length === 0) return { statistic: 0, pValue: 1 }
  const labels = [...reference.map(() => false), ...present.map(() => true)]
  const seen = statistic(labels)
  // What differs by rounding alone is as large.
  const edge = seen - Math.abs(seen) * 1e-9
  let reached = 1
  for (let draw = 0; draw < permutations; draw += 1)
    if (statistic(shuffled(labels, random)) >= edge) reached += 1
  return { statistic: seen, pValue: reached / (1 + permutations) }
}

/** Means of a symmetric matrix over pairs of unlike, of reference, and of present points; own pairs are in the V-statistic. */
const meansOf = (matrix: readonly (readonly number[])[], isPresent: readonly boolean[]) => {
  const sums = { between: 0, within: 0, inside: 0 }
  const present = isPresent.filter(Boolean).length
  const reference = isPresent.length - present
  for (const [i, row] of matrix.entries())
    for (const [j, value] of row.entries()) {
      if (isPresent[i] !== isPresent[j]) sums.between += value
      else if (isPresent[i]) sums.inside += value
      else sums.within += value
    }
  return {
    between: sums.between / (2 * reference * present),
    within: sums.within / reference ** 2,
    inside: sums.inside / present ** 2,
  }
}

const pairwise = (
  points: readonly Point[],
  of: (squaredDistance: number) => number,
): readonly (readonly number[])[] =>
  points.map((a) =>
    points.map((b) => {
      let sum = 0
      for (let k = 0; k < a.length; k += 1) sum += ((a[k] ?? 0) - (b[k] ?? 0)) ** 2
      return of(sum)
    }),
  )

/** Over pairs of unlike points. */
const medianOf = (matrix: readonly (readonly number[])[]): number => {
  const values = matrix.flatMap((row, i) => row.slice(i + 1)).sort((a, b) => a - b)
  return values[Math.floor(values.length / 2)] ?? 0
}
