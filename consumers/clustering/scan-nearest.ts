import { type PointSet, weightAt } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

export interface Scan {
  readonly seekers: PointSet
  readonly found: PointSet
  readonly weights: Float64Array | null
  /** Rows are wanted until they weigh so much. */
  readonly weight: number
}

/** So few points are placed sooner by looking at all rows exactly than by preparing the rows for a sieve. */
export const FEW_SEEKERS = 8

/** The rows nearest to one seeker until they weigh what is wanted, and what is as near as the last of them. */
export const scanNearest = (
  { seekers, found, weights, weight }: Scan,
  seeker: number,
): Int32Array => {
  const squares = Float64Array.from({ length: found.count }, (_, row) =>
    squaredDistance(seekers, seeker, found, row),
  )
  let limit = Number.NEGATIVE_INFINITY
  for (let weighed = 0; weighed < weight; ) {
    const next = smallestAbove(squares, limit)
    if (next === null) break
    limit = next
    for (let row = 0; row < squares.length; row++)
      if (squares[row] === next) weighed += weightAt(weights, row)
  }
  const rows: number[] = []
  for (let row = 0; row < squares.length; row++)
    if ((squares[row] as number) <= limit) rows.push(row)
  return Int32Array.from(rows)
}

const smallestAbove = (values: Float64Array, limit: number): number | null => {
  let least = Number.POSITIVE_INFINITY
  for (const value of values) if (value > limit && value < least) least = value
  return least === Number.POSITIVE_INFINITY ? null : least
}
