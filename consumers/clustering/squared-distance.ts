import type { PointSet, Points } from './prepare-points.ts'

/** Squared distance of unit rows without a common direction, and of a row of zeros from any other. */
const ORTHOGONAL = 2

/**
 * Squared Euclidean distance of row i of `a` and row j of `b`, in their unit. The one kernel of every pass: equal pairs
 * must give equal bits, or ties break. Differences are squared in a fixed order and are symmetric in (i, j).
 */
export const squaredDistance = (a: PointSet, i: number, b: PointSet, j: number): number => {
  if (a.factors === null || b.factors === null) {
    const factor = 1 / a.unit
    return factor === 1 ? plain(a, i, b, j) : scaled(a.values, i, factor, { ...b, j, by: factor })
  }
  const left = a.factors[i] as number
  const right = b.factors[j] as number
  if (left === 0 || right === 0) return left === right ? 0 : ORTHOGONAL
  return scaled(a.values, i, left, { values: b.values, dimensions: b.dimensions, j, by: right })
}

const plain = (
  { values: a, dimensions }: PointSet,
  i: number,
  { values: b }: PointSet,
  j: number,
): number => {
  let p = i * dimensions
  let q = j * dimensions
  const end = p + dimensions
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  for (; p + 3 < end; p += 4, q += 4) {
    const one = (a[p] as number) - (b[q] as number)
    const two = (a[p + 1] as number) - (b[q + 1] as number)
    const three = (a[p + 2] as number) - (b[q + 2] as number)
    const four = (a[p + 3] as number) - (b[q + 3] as number)
    first += one * one
    second += two * two
    third += three * three
    fourth += four * four
  }
  for (; p < end; p++, q++) {
    const rest = (a[p] as number) - (b[q] as number)
    first += rest * rest
  }
  return first + second + (third + fourth)
}

interface ScaledRow {
  readonly values: Points
  readonly dimensions: number
  readonly j: number
  readonly by: number
}

/** The same of values times a factor, in the same order. */
const scaled = (
  a: Points,
  i: number,
  factor: number,
  { values: b, dimensions, j, by }: ScaledRow,
): number => {
  let p = i * dimensions
  let q = j * dimensions
  const end = p + dimensions
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  for (; p + 3 < end; p += 4, q += 4) {
    const one = (a[p] as number) * factor - (b[q] as number) * by
    const two = (a[p + 1] as number) * factor - (b[q + 1] as number) * by
    const three = (a[p + 2] as number) * factor - (b[q + 2] as number) * by
    const four = (a[p + 3] as number) * factor - (b[q + 3] as number) * by
    first += one * one
    second += two * two
    third += three * three
    fourth += four * four
  }
  for (; p < end; p++, q++) {
    const rest = (a[p] as number) * factor - (b[q] as number) * by
    first += rest * rest
  }
  return first + second + (third + fourth)
}
