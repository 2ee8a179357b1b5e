import { InvalidInputError } from '../../schemas/errors.ts'

export type Metric = 'euclidean' | 'cosine'
export type Points = Float32Array | Float64Array

export interface PointSet {
  /** Row-major. Under cosine the rows have length 1, a zero row stays zero. */
  readonly values: Float64Array
  readonly dimensions: number
  readonly count: number
}

/**
 * Checks and copies points. Cosine is Euclidean distance between unit rows, d² = 2 − 2·cos: the order of 1 − cos, and a
 * metric, so that core distances and λ = 1/d keep their meaning.
 * @throws InvalidInputError `points-invalid` naming the first row with a value that is not finite, or a wrong length.
 */
export const preparePoints = (points: Points, dimensions: number, metric: Metric): PointSet => {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new InvalidInputError('points-invalid', `There are ${dimensions} dimensions.`)
  if (points.length % dimensions !== 0)
    throw new InvalidInputError(
      'points-invalid',
      `${points.length} values are not rows of ${dimensions}.`,
    )
  const bad = points.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new InvalidInputError(
      'points-invalid',
      `Row ${Math.floor(bad / dimensions)} holds ${points[bad]}.`,
    )
  const values = Float64Array.from(points)
  const count = values.length / dimensions
  if (metric === 'cosine')
    for (let row = 0; row < count; row++) normaliseRow(values, row, dimensions)
  return { values, dimensions, count }
}

/** Divides by the largest value first, so that no square overflows or vanishes. */
const normaliseRow = (values: Float64Array, row: number, dimensions: number): void => {
  const vector = values.subarray(row * dimensions, (row + 1) * dimensions)
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest === 0) return
  let squares = 0
  for (const value of vector) squares += (value / largest) ** 2
  const length = Math.sqrt(squares)
  for (let k = 0; k < dimensions; k++) vector[k] = (vector[k] ?? 0) / largest / length
}

/**
 * Weights of the rows: a row of weight w stands for w copies.
 * @throws InvalidInputError `points-invalid` for a weight that is no positive finite number.
 */
export const prepareWeights = (
  weights: ArrayLike<number> | undefined,
  count: number,
): Float64Array => {
  if (weights === undefined) return new Float64Array(count).fill(1)
  if (weights.length !== count)
    throw new InvalidInputError('points-invalid', `${count} rows have ${weights.length} weights.`)
  const prepared = Float64Array.from(weights)
  const bad = prepared.findIndex((weight) => !(Number.isFinite(weight) && weight > 0))
  if (bad >= 0)
    throw new InvalidInputError('points-invalid', `Row ${bad} has weight ${prepared[bad]}.`)
  return prepared
}
