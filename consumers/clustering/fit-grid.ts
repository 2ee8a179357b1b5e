import type { PointSet } from './prepare-points.ts'

/** The grid on which rows become whole numbers: round((value · factor − centre) · scale). */
export interface Grid {
  /** Dimensions, padded to a multiple of 16 with zeros. */
  readonly stride: number
  readonly centre: Float64Array
  /** Fine units per unit of length. */
  readonly scale: number
  /** The most that a coarse number can be, on the right side; twice that on the left. */
  readonly most: number
  /** More than the rounding of one row to fine units moves it, in fine units. */
  readonly rounding: number
}

export const LANES = 16
/** Seven bits, so that the right side is never negative once 64 is added. */
const MOST_COARSE = 63
/** Up to so many dimensions squared distances of coarse rows stay below 2^31. */
const MOST_DIMENSIONS = 33_000
/** Fine units in a coarse unit of the right side. */
export const FINE_PER_COARSE = 128
const SAMPLED_PLACES = 4096
const FEWEST_SAMPLED = 17
const MOST_SAMPLED = 129
/** Share of the sampled places that are within the coarse numbers. */
const WITHIN = 0.99
const LARGEST_SCALE = 1e100

/**
 * A grid that resolves most of the rows well. Whichever it is, distances on it are bounds of the true ones: what it
 * decides is how many pairs have to be looked at exactly. So a sample of the rows will do.
 */
export const fitGrid = (points: PointSet): Grid => {
  const { dimensions } = points
  const stride = Math.ceil(dimensions / LANES) * LANES
  const sample = sampleOf(points)
  const centre = new Float64Array(stride)
  const column = new Float64Array(sample.length)
  for (let k = 0; k < dimensions; k++) {
    for (const [place, row] of sample.entries()) column[place] = row[k] as number
    column.sort()
    centre[k] = column[column.length >> 1] ?? 0
  }
  const most = Math.floor(MOST_COARSE * Math.min(1, Math.sqrt(MOST_DIMENSIONS / dimensions)))
  const box = Math.max(1, most) * FINE_PER_COARSE
  const width = widthOf(sample, centre)
  const scale = width > 0 ? Math.min(box / width, LARGEST_SCALE) : 1
  // Half a unit for each dimension, and a little for the rounding of the arithmetic itself.
  return { stride, centre, scale, most: Math.max(1, most), rounding: Math.sqrt(dimensions) * 0.501 }
}

const sampleOf = ({ values, dimensions, count, factors, unit }: PointSet): Float64Array[] => {
  const wanted = Math.max(FEWEST_SAMPLED, Math.ceil(SAMPLED_PLACES / dimensions))
  const length = Math.min(count, MOST_SAMPLED, wanted)
  return Array.from({ length }, (_, place) => {
    const row = Math.floor((place * count) / length)
    const factor = factors === null ? 1 / unit : (factors[row] as number)
    const sampled = new Float64Array(dimensions)
    for (let k = 0; k < dimensions; k++)
      sampled[k] = (values[row * dimensions + k] as number) * factor
    return sampled
  })
}

/** How far places are from the centre: most of them, and in half of the rows even the farthest. */
const widthOf = (sample: readonly Float64Array[], centre: Float64Array): number => {
  const farthest = new Float64Array(sample.length)
  const places = Math.min(SAMPLED_PLACES, sample.length * (sample[0]?.length ?? 0))
  const sizes = new Float64Array(places)
  let place = 0
  for (const [index, row] of sample.entries())
    for (let k = 0; k < row.length; k++, place++) {
      const size = Math.abs((row[k] as number) - (centre[k] as number))
      farthest[index] = Math.max(farthest[index] as number, size)
      sizes[place % places] = size
    }
  sizes.sort()
  farthest.sort()
  const most = Math.max(
    sizes[Math.floor(places * WITHIN)] ?? 0,
    farthest[farthest.length >> 1] ?? 0,
  )
  return most || (farthest.at(-1) ?? 0)
}
