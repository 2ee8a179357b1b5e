import { type PointSet, weightAt } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

/** Room for rows that may yet turn out to be nearer than the last one that is needed. */
const SPARE_ENTRIES = 16
/** Of values that were computed from exact ones. */
const RELATIVE = 1e-9

export interface Neighbourhood {
  /** Rows of the list at a place look for these. */
  readonly seekers: PointSet
  readonly found: PointSet
  readonly weights: Float64Array | null
  /** The nearest rows that weigh as much are kept … */
  readonly weight: number
  /** … and at least so many rows. */
  readonly fewest: number
  /** Fine units per unit of length, and how far a fine distance may be from the true one. */
  readonly scale: number
  readonly slack: number
}

/**
 * For each row of a block the nearest rows so far, by fine distance. As long as two intervals fine distance ± slack
 * overlap, it is open which is nearer, and both stay. A list that runs full of those knows exact squared distances
 * from then on.
 */
export class NearestLists {
  readonly #of: Neighbourhood
  readonly #room: number
  readonly #ids: Int32Array
  /** Fine distances, ascending; in exact lists squared true ones. */
  readonly #values: Float64Array
  readonly #counts: Int32Array
  /** Place of the last entry that is needed, and the weight up to it. */
  readonly #last: Int32Array
  readonly #weights: Float64Array
  readonly #isExact: Uint8Array
  readonly #nearSquares: Float64Array
  readonly #nearWeights: Float64Array
  #seekers: Int32Array = new Int32Array(0)

  /** Entries that one list may have. */
  static room(of: Pick<Neighbourhood, 'found' | 'weight' | 'fewest'>): number {
    return Math.min(of.found.count, Math.max(Math.ceil(of.weight), of.fewest)) + SPARE_ENTRIES
  }

  constructor(of: Neighbourhood, lists: number) {
    this.#of = of
    this.#room = NearestLists.room(of)
    this.#ids = new Int32Array(lists * this.#room)
    this.#values = new Float64Array(lists * this.#room)
    this.#counts = new Int32Array(lists)
    this.#last = new Int32Array(lists)
    this.#weights = new Float64Array(lists)
    this.#isExact = new Uint8Array(lists)
    this.#nearSquares = new Float64Array(this.#room)
    this.#nearWeights = new Float64Array(this.#room)
  }

  /** Begins anew for these rows. */
  start(seekers: Int32Array): void {
    this.#seekers = seekers
    this.#counts.fill(0)
    this.#last.fill(-1)
    this.#weights.fill(0)
    this.#isExact.fill(0)
  }

  /** No row beyond this true distance, in fine units, can still be needed; −1 where none can. */
  reach(list: number): number {
    const { weight, fewest, scale, slack } = this.#of
    const last = this.#last[list] as number
    if ((this.#weights[list] as number) < weight || last + 1 < fewest)
      return Number.POSITIVE_INFINITY
    const value = this.#values[list * this.#room + last] as number
    if (this.#isExact[list] === 0) return value + slack
    return value === 0 ? -1 : Math.sqrt(value) * scale * (1 + RELATIVE)
  }

  /** A row at a fine distance that is right up to the slack, or, if `isLoose`, only a lower bound. */
  offer(list: number, row: number, fine: number, isLoose: boolean): void {
    const { slack, scale } = this.#of
    if (fine - slack > this.reach(list)) return
    if (this.#isExact[list] === 0 && this.#counts[list] === this.#room) this.#makeExact(list)
    if (this.#isExact[list] === 1) this.#insert(list, row, this.#exact(list, row))
    else if (!isLoose) this.#insert(list, row, fine)
    else {
      const value = Math.sqrt(this.#exact(list, row)) * scale
      if (value - slack <= this.reach(list)) this.#insert(list, row, value)
    }
  }

  /** Rows of a list; those that are not needed come last, if at all. */
  rows(list: number): Int32Array {
    const start = list * this.#room
    return this.#ids.subarray(start, start + (this.#counts[list] as number))
  }

  /** Exact squared distance within which the rows weigh `weight`, or of the farthest row where all weigh less. */
  squaredRadius(list: number, weight: number): number {
    const start = list * this.#room
    const count = this.#counts[list] as number
    const { weights, slack } = this.#of
    let place = -1
    for (let sum = 0; sum < weight && place + 1 < count; )
      sum += weightAt(weights, this.#ids[start + ++place] as number)
    const value = this.#values[start + place] as number
    const open = (this.#isExact[list] === 1 ? 0 : 2 * slack) + value * RELATIVE
    let missing = weight
    let near = 0
    for (let entry = start; entry < start + count; entry++) {
      const row = this.#ids[entry] as number
      const distance = (this.#values[entry] as number) - value
      if (distance > open) break
      if (distance < -open) missing -= weightAt(weights, row)
      else this.#sortIn(near++, this.#exact(list, row), weightAt(weights, row))
    }
    let square = 0
    for (let place = 0; place < near; place++) {
      square = this.#nearSquares[place] as number
      missing -= this.#nearWeights[place] as number
      if (missing <= 0) break
    }
    return square
  }

  /** Keeps the rows whose order is open sorted by what they truly are. */
  #sortIn(near: number, square: number, weight: number): void {
    let place = near
    for (; place > 0 && (this.#nearSquares[place - 1] as number) > square; place--) {
      this.#nearSquares[place] = this.#nearSquares[place - 1] as number
      this.#nearWeights[place] = this.#nearWeights[place - 1] as number
    }
    this.#nearSquares[place] = square
    this.#nearWeights[place] = weight
  }

  #exact(list: number, row: number): number {
    const { seekers, found } = this.#of
    return squaredDistance(seekers, this.#seekers[list] as number, found, row)
  }

  #insert(list: number, row: number, value: number): void {
    const start = list * this.#room
    const { weights, slack } = this.#of
    let count = this.#counts[list] as number
    const isFull = this.reach(list) < Number.POSITIVE_INFINITY
    if (this.#isExact[list] === 1 && isFull && value >= this.#lastValue(list)) return
    let entry = start + count
    for (; entry > start && (this.#values[entry - 1] as number) > value; entry--) {
      this.#values[entry] = this.#values[entry - 1] as number
      this.#ids[entry] = this.#ids[entry - 1] as number
    }
    this.#values[entry] = value
    this.#ids[entry] = row
    count++
    if (!isFull || entry - start <= (this.#last[list] as number)) {
      this.#weights[list] = (this.#weights[list] as number) + weightAt(weights, row)
      this.#last[list] = (this.#last[list] as number) + 1
      this.#shorten(list)
    }
    const last = this.#last[list] as number
    const most = this.#lastValue(list) + 2 * slack
    if (this.#isExact[list] === 1) count = last + 1
    while (count - 1 > last && (this.#values[start + count - 1] as number) > most) count--
    this.#counts[list] = count
  }

  #lastValue(list: number): number {
    return this.#values[list * this.#room + (this.#last[list] as number)] as number
  }

  /** Moves the last needed place down as far as weight and number allow. */
  #shorten(list: number): void {
    const start = list * this.#room
    const { weights, weight, fewest } = this.#of
    for (let last = this.#last[list] as number; last >= fewest; last--) {
      const left =
        (this.#weights[list] as number) - weightAt(weights, this.#ids[start + last] as number)
      if (left < weight) return
      this.#weights[list] = left
      this.#last[list] = last - 1
    }
  }

  /** From here on the list holds exact squared distances, and only what is needed. */
  #makeExact(list: number): void {
    const rows = this.rows(list).slice()
    this.#isExact[list] = 1
    this.#counts[list] = 0
    this.#last[list] = -1
    this.#weights[list] = 0
    for (const row of rows) this.#insert(list, row, this.#exact(list, row))
  }
}
