import { openSieveEngine } from './choose-sieve-engine.ts'
import { fitGrid, type Grid } from './fit-grid.ts'
import type { PointSet } from './prepare-points.ts'
import {
  FACTS_AT,
  FINE_LIMITS_AT,
  HEADER_BYTES,
  LIMITS_AT,
  type OpenSieveEngine,
  type SieveEngine,
  type SieveLayout,
} from './sieve-engine.ts'

/** Coarse numbers of the left side are twice as fine as those of the right. */
const LEFT = { shift: 6, finer: 2, bias: 0, lanes: 4 } as const
const RIGHT = { shift: 7, finer: 1, bias: 64, lanes: 2 } as const
const FINE_PER_LEFT = 2 ** LEFT.shift
const LARGEST_LIMIT = 2 ** 31 - 1
/** Of the rounding of a distance that was computed with up to some millions of dimensions. */
const RELATIVE = 1 + 1e-9
const CHUNK = 16

const MOST_LEFT_VALUES = 393_216
const MOST_LEFT_ROWS = 1024
const RIGHT_ROWS = 64

/**
 * Which pairs of rows may lie within given distances, without looking at most of them exactly. Rows are rounded to
 * whole numbers twice: to 8 bit, on which all pairs are compared, and to 16 bit, on which those are that pass. Moving
 * into a box moves no two rows apart, and rounding moves a row by no more than is known, so the triangle inequality
 * bounds the true distance; no pair within its limit is ever lost. Distances come in fine units: true ones times `scale`.
 * A block of left rows is held against blocks of right rows: memory does not grow with the number of rows.
 */
export class PairSieve {
  /** Most left rows at a time, a multiple of four, and right rows. */
  readonly leftRows: number
  readonly rightRows: number
  readonly scale: number
  /** A true distance, in fine units, differs from the fine distance by no more, unless a row is wild. */
  readonly slack: number
  /** Rows that are not where they seem on the grid: their fine distances are only lower bounds. */
  readonly leftWild: Uint8Array
  readonly rightWild: Uint8Array
  /** Pairs that the last strip found: place of the right row · 4 + lane of the left one, at every fourth number. */
  readonly places: Int32Array
  /** Their fine squared distances, at every second number from 1 on. */
  readonly squares: Float64Array
  readonly #grid: Grid
  readonly #engine: SieveEngine
  readonly #layout: SieveLayout
  readonly #integers: Int32Array
  readonly #doubles: Float64Array
  /** Where a row is put to be quantised; what pads it is never written. */
  readonly #single: Float32Array
  readonly #double: Float64Array
  readonly #leftNorms: Int32Array
  readonly #leftErrors: Float64Array
  readonly #leftReach: Float64Array
  readonly #rightErrors: Float64Array
  #left = 0
  #right = 0
  #leftError = 0
  #rightError = 0

  constructor(points: PointSet, open: OpenSieveEngine = openSieveEngine) {
    const grid = fitGrid(points)
    const fitting = Math.min(MOST_LEFT_ROWS, MOST_LEFT_VALUES / grid.stride, points.count)
    this.leftRows = Math.max(8, Math.ceil(fitting / 4) * 4)
    this.rightRows = RIGHT_ROWS
    this.#grid = grid
    this.scale = grid.scale
    this.slack = 2 * grid.rounding * RELATIVE
    this.#layout = layoutOf(grid.stride, this.leftRows, this.rightRows)
    this.#engine = open(this.#layout)
    const { memory } = this.#engine
    this.#integers = new Int32Array(memory)
    this.#doubles = new Float64Array(memory)
    this.#doubles.set(grid.centre, this.#layout.centre / 8)
    this.#single = new Float32Array(memory, this.#layout.raw, grid.stride)
    this.#double = new Float64Array(memory, this.#layout.raw, grid.stride)
    this.#double.fill(0)
    const found = 4 * this.rightRows
    this.places = new Int32Array(memory, this.#layout.found, 4 * found)
    this.squares = new Float64Array(memory, this.#layout.found, 2 * found)
    this.leftWild = new Uint8Array(this.leftRows)
    this.rightWild = new Uint8Array(this.rightRows)
    this.#leftNorms = new Int32Array(this.leftRows)
    this.#leftErrors = new Float64Array(this.leftRows)
    this.#leftReach = new Float64Array(this.leftRows)
    this.#rightErrors = new Float64Array(this.rightRows)
  }

  /** Takes rows as the left side; every limit is as low as can be until it is set. */
  loadLeft(points: PointSet, rows: Int32Array): void {
    this.#left = rows.length
    this.#leftError = 0
    const { stride, left, leftFine } = this.#layout
    const strip = LEFT.lanes * stride
    for (let place = 0; place < rows.length; place++) {
      const coarse = left + (place >> 2) * strip + (place & 3) * CHUNK
      const fine = leftFine + place * stride * 2
      this.#quantise(points, rows[place] as number, LEFT, { coarse, fine })
      const error = this.#errorOfLast()
      this.#leftNorms[place] = this.#lastFact(0) + 4 * RIGHT.bias * this.#lastFact(1)
      this.#leftErrors[place] = error
      this.#leftError = Math.max(this.#leftError, error)
      this.leftWild[place] = this.#isWild(points, rows[place] as number) ? 1 : 0
      this.#leftReach[place] = -1
    }
  }

  /** Takes rows as the right side, in place of those that were there. */
  loadRight(points: PointSet, rows: Int32Array): void {
    this.#right = rows.length
    this.#rightError = 0
    const { stride, right, rightFine, facts } = this.#layout
    const two = RIGHT.lanes * stride
    for (let place = 0; place < rows.length; place++) {
      const coarse = right + (place >> 1) * two + (place & 1) * CHUNK
      const fine = rightFine + place * stride * 2
      this.#quantise(points, rows[place] as number, RIGHT, { coarse, fine })
      const error = this.#errorOfLast()
      this.#rightErrors[place] = error
      this.#rightError = Math.max(this.#rightError, error)
      this.rightWild[place] = this.#isWild(points, rows[place] as number) ? 1 : 0
      this.#integers[facts / 4 + 4 * place] = 4 * this.#lastFact(0)
      this.limitRight(place, -1)
    }
  }

  /** Finds every pair of this left row whose true distance, in fine units, is at most `reach`; −1 finds none. */
  limitLeft(place: number, reach: number): void {
    this.#leftReach[place] = reach
  }

  /** The same of a right row. A pair is found where one of its rows asks for it. */
  limitRight(place: number, reach: number): void {
    const { facts } = this.#layout
    const error = (this.#rightErrors[place] as number) + this.#leftError
    this.#integers[facts / 4 + 4 * place + 1] = coarseLimit(reach, error)
    this.#doubles[facts / 8 + 2 * place + 1] = this.#fineLimit(reach)
  }

  /** Compares four left rows, from 4 · strip on, with the right ones; answers how many pairs are in `places`. */
  sift(strip: number): number {
    const rows = Math.min(4, this.#left - 4 * strip)
    for (let lane = 0; lane < rows; lane++) {
      const place = 4 * strip + lane
      const reach = this.#leftReach[place] as number
      const error = (this.#leftErrors[place] as number) + this.#rightError
      this.#integers[lane] = this.#leftNorms[place] as number
      this.#integers[LIMITS_AT / 4 + lane] = coarseLimit(reach, error)
      this.#doubles[FINE_LIMITS_AT / 8 + lane] = this.#fineLimit(reach)
    }
    return this.#engine.sift(strip, this.#right, (1 << rows) - 1)
  }

  #fineLimit(reach: number): number {
    return reach < 0 ? -1 : (reach * RELATIVE + this.slack) ** 2
  }

  #quantise(
    points: PointSet,
    row: number,
    side: typeof LEFT | typeof RIGHT,
    to: { readonly coarse: number; readonly fine: number },
  ): void {
    const { values, dimensions, factors, unit } = points
    const single = values instanceof Float32Array
    const raw = values.subarray(row * dimensions, (row + 1) * dimensions)
    ;(single ? this.#single : this.#double).set(raw)
    this.#engine.quantise({
      single,
      factor: factors === null ? 1 / unit : (factors[row] as number),
      scale: this.#grid.scale,
      shift: side.shift,
      most: this.#grid.most * side.finer,
      bias: side.bias,
      coarse: to.coarse,
      step: side.lanes * CHUNK,
      fine: to.fine,
    })
  }

  /** Of the row quantised last. A row without a direction is farther from all others than its place. */
  #isWild({ factors }: PointSet, row: number): boolean {
    return this.#lastFact(3) === 1 || factors?.[row] === 0
  }

  #lastFact(place: number): number {
    return this.#integers[FACTS_AT / 4 + place] as number
  }

  /** How far, in fine units, the row that was quantised last lies from its coarse one. */
  #errorOfLast(): number {
    return (Math.sqrt(this.#lastFact(2)) + this.#grid.rounding) * RELATIVE
  }
}

/** Coarse squared distance up to which a pair may truly lie within `reach`. */
const coarseLimit = (reach: number, error: number): number =>
  reach < 0
    ? -1
    : Math.min(LARGEST_LIMIT, Math.floor(((reach * RELATIVE + error) / FINE_PER_LEFT) ** 2) + 1)

const layoutOf = (stride: number, leftRows: number, rightRows: number): SieveLayout => {
  let end = HEADER_BYTES
  const place = (bytes: number): number => {
    const start = end
    end += bytes
    return start
  }
  return {
    stride,
    centre: place(8 * stride),
    raw: place(8 * stride),
    left: place(leftRows * stride),
    right: place(rightRows * stride),
    leftFine: place(2 * leftRows * stride),
    rightFine: place(2 * rightRows * stride),
    facts: place(16 * rightRows),
    found: place(16 * 4 * rightRows),
    end,
  }
}
