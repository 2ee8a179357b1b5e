import { InvalidInputError } from '../../schemas/errors.ts'

export type Metric = 'euclidean' | 'cosine'
export type Points = Float32Array | Float64Array

/** Rows as they are compared: the caller's values, which are not copied, times a factor. */
export interface PointSet {
  /** Row-major. */
  readonly values: Points
  readonly dimensions: number
  readonly count: number
  /** Cosine: what brings each row to length 1, 0 for a row of zeros. Euclidean: null. */
  readonly factors: Float64Array | null
  /**
   * Euclidean: the length that counts as 1, a power of two. It is 1 but for values so large or so small that their
   * squares would not be numbers.
   */
  readonly unit: number
}

/** Between 2^-400 and 2^400 squares, and sums of them, neither overflow nor vanish. */
const MOST_EXPONENT = 400
/** The smallest factor's inverse is a number. */
const LEAST_EXPONENT = -1000
/** What is shorter than this has no direction: its inverse is no number. */
const LEAST_LENGTH = 2 ** -1020

/**
 * Checks points. Cosine is Euclidean distance between unit rows, d² = 2 − 2·cos: the order of 1 − cos, and a metric, so
 * that core distances and λ = 1/d keep their meaning. A row of zeros is orthogonal to every row that is not.
 * @throws InvalidInputError `points-invalid` naming the first row with a value that is not finite, or a wrong length.
 */
export const preparePoints = (
  values: Points,
  dimensions: number,
  metric: Metric,
  unit?: number,
): PointSet => {
  if (!(values instanceof Float32Array || values instanceof Float64Array))
    throw new InvalidInputError('points-invalid', 'points is no Float32Array or Float64Array.')
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new InvalidInputError('points-invalid', `There are ${dimensions} dimensions.`)
  if (values.length % dimensions !== 0)
    throw new InvalidInputError(
      'points-invalid',
      `${values.length} values are not rows of ${dimensions}.`,
    )
  const largest = largestOf(values, dimensions)
  const count = values.length / dimensions
  if (metric === 'euclidean')
    return { values, dimensions, count, factors: null, unit: unit ?? unitOf(largest) }
  const factors = new Float64Array(count)
  for (let row = 0; row < count; row++)
    factors[row] = factorOf(values, row * dimensions, dimensions)
  return { values, dimensions, count, factors, unit: 1 }
}

/** Largest absolute value. `Math.max` hands NaN on, so that one look at the end tells whether there was any. */
const largestOf = (values: Points, dimensions: number): number => {
  let even = 0
  let odd = 0
  let k = 0
  for (; k + 1 < values.length; k += 2) {
    even = Math.max(even, Math.abs(values[k] as number))
    odd = Math.max(odd, Math.abs(values[k + 1] as number))
  }
  if (k < values.length) even = Math.max(even, Math.abs(values[k] as number))
  const largest = Math.max(even, odd)
  if (Number.isFinite(largest)) return largest
  const bad = values.findIndex((value) => !Number.isFinite(value))
  throw new InvalidInputError(
    'points-invalid',
    `Row ${Math.floor(bad / dimensions)} holds ${values[bad]}.`,
  )
}

const unitOf = (largest: number): number => {
  if (largest === 0) return 1
  const exponent = Math.floor(Math.log2(largest))
  return Math.abs(exponent) <= MOST_EXPONENT ? 1 : 2 ** Math.max(LEAST_EXPONENT, exponent)
}

/** Divides by the largest value first, so that no square overflows or vanishes. */
const factorOf = (values: Points, start: number, dimensions: number): number => {
  const end = start + dimensions
  let largest = 0
  for (let k = start; k < end; k++) largest = Math.max(largest, Math.abs(values[k] as number))
  if (largest < LEAST_LENGTH) return 0
  let squares = 0
  for (let k = start; k < end; k++) {
    const part = (values[k] as number) / largest
    squares += part * part
  }
  return 1 / Math.sqrt(squares) / largest
}

/**
 * Weights of the rows: a row of weight w stands for w copies; null where every row counts once.
 * @throws InvalidInputError `points-invalid` for a weight that is no whole number of at least 1.
 */
export const prepareWeights = (
  weights: ArrayLike<number> | undefined,
  count: number,
): Float64Array | null => {
  if (weights === undefined) return null
  if (weights.length !== count)
    throw new InvalidInputError('points-invalid', `${count} rows have ${weights.length} weights.`)
  const prepared = Float64Array.from(weights)
  const bad = prepared.findIndex((weight) => !(Number.isSafeInteger(weight) && weight >= 1))
  if (bad >= 0)
    throw new InvalidInputError('points-invalid', `Row ${bad} has weight ${prepared[bad]}.`)
  return prepared
}

/** Weight of a row. */
export const weightAt = (weights: Float64Array | null, row: number): number =>
  weights === null ? 1 : (weights[row] as number)
