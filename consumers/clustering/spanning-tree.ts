import { type CoreDistances, HINTS } from './core-distances.ts'
import { leafOrder } from './leaf-order.ts'
import { MinimumForest } from './minimum-forest.ts'
import type { PairSieve } from './pair-sieve.ts'
import type { PointSet } from './prepare-points.ts'
import { squaredDistance } from './squared-distance.ts'

/** Of values that were computed from exact ones. */
const RELATIVE = 1e-9

/** Edges of a minimum spanning tree in ascending order; `lengths` are mutual reachability distances. */
export interface SpanningTree {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly lengths: Float64Array
}

/**
 * A minimum spanning tree of mutual reachability, mr(i, j) = max(core_i, core_j, d(i, j), floor), in O(n) memory. It
 * begins with the edges to near rows, and then looks at every pair once: a pair is of use only if it is shorter than the
 * longest edge of the way that joins its rows so far. Along the leaves of the hierarchy that edge is a running maximum,
 * so that the sieve knows for a whole block of pairs which may be of use.
 */
export const spanningTree = (
  sieve: PairSieve,
  points: PointSet,
  core: CoreDistances,
  floor: number,
): SpanningTree => {
  const forest = new MinimumForest(points.count)
  const search = new Search(sieve, points, core.squares, forest)
  search.beginWith(core.hints)
  // They have done what they are for, and take up room.
  core.hints = new Int32Array(0)
  search.lookAtAllPairs()
  const { from, to, squares: lengths } = forest.edges
  for (let edge = 0; edge < lengths.length; edge++)
    lengths[edge] = Math.max(Math.sqrt(lengths[edge] as number), floor)
  return { from, to, lengths }
}

class Search {
  readonly #sieve: PairSieve
  readonly #points: PointSet
  readonly #core: Float64Array
  readonly #forest: MinimumForest
  /** Rows as leaves of the hierarchy, and by row the squared bottleneck between it and the next. */
  #order: Int32Array = new Int32Array(0)
  #gaps: Float64Array = new Float64Array(0)
  /** Places of the right rows, how many there are, and the longest gap before the next. */
  readonly #columns: Int32Array
  readonly #rows: Int32Array
  #collected = 0
  #longest = 0

  constructor(sieve: PairSieve, points: PointSet, core: Float64Array, forest: MinimumForest) {
    this.#sieve = sieve
    this.#points = points
    this.#core = core
    this.#forest = forest
    this.#columns = new Int32Array(sieve.rightRows)
    this.#rows = new Int32Array(sieve.rightRows)
  }

  beginWith(hints: Int32Array): void {
    const { count } = this.#points
    for (let hint = 0; hint < HINTS; hint++)
      for (let row = 0; row < count; row++) {
        const other = hints[row * HINTS + hint] as number
        if (other >= 0 && this.#offer(row, other, 0, true)) this.#forest.merge()
      }
    this.#forest.merge()
  }

  lookAtAllPairs(): void {
    const { order, gaps } = leafOrder(this.#forest, this.#points.count)
    this.#order = order
    this.#gaps = gaps
    const { leftRows } = this.#sieve
    for (let start = 0; start < order.length; start += leftRows)
      this.#lookRightOf(start, Math.min(order.length, start + leftRows))
    this.#forest.merge()
  }

  /** Pairs of rows from `start` to `end` with each other and with all that come after them. */
  #lookRightOf(start: number, end: number): void {
    const sieve = this.#sieve
    const order = this.#order
    sieve.loadLeft(this.#points, order.subarray(start, end))
    for (let from = start; from < order.length; ) {
      const next = this.#collect(start, from)
      const columns = this.#columns.subarray(0, this.#collected)
      if (columns.length === 0) break
      for (let k = 0; k < columns.length; k++) this.#rows[k] = order[columns[k] as number] as number
      sieve.loadRight(this.#points, this.#rows.subarray(0, columns.length))
      this.#limit(start, end, columns)
      const to = Math.min(end, (columns.at(-1) as number) + 1)
      for (let strip = start; strip < to; strip += 4) this.#sift(start, strip)
      from = next
    }
  }

  /**
   * The next places whose rows may have an edge of use to the left block. Where a row's own core is no shorter than any
   * gap back to the block, no edge is.
   */
  #collect(start: number, from: number): number {
    const order = this.#order
    this.#collected = 0
    if (from === start) this.#longest = 0
    let place = from
    for (; place < order.length && this.#collected < this.#columns.length; place++) {
      const core = this.#core[order[place] as number] as number
      if (this.#longest > core || place === start) this.#columns[this.#collected++] = place
      this.#longest = Math.max(this.#longest, this.#gaps[order[place] as number] as number)
    }
    return place
  }

  /**
   * A pair may be of use up to the longest gap between its rows: the longest from the left row to the first column, or
   * from there to the column.
   */
  #limit(start: number, end: number, columns: Int32Array): void {
    const gaps = this.#gaps
    const order = this.#order
    const first = columns[0] as number
    let longest = 0
    let place = first
    for (let k = 0; k < columns.length; k++) {
      for (; place < (columns[k] as number); place++)
        longest = Math.max(longest, gaps[order[place] as number] as number)
      this.#sieve.limitRight(k, this.#reach(longest))
    }
    // Left rows between the columns or behind them: no gap among the columns is longer.
    for (; place < end; place++) longest = Math.max(longest, gaps[order[place] as number] as number)
    let reach = this.#reach(longest)
    for (let left = Math.max(start, first); left < end; left++)
      this.#sieve.limitLeft(left - start, reach)
    longest = 0
    reach = -1
    for (let left = first - 1; left >= start; left--) {
      if ((gaps[order[left] as number] as number) > longest) {
        longest = gaps[order[left] as number] as number
        reach = this.#reach(longest)
      }
      if (left < end) this.#sieve.limitLeft(left - start, reach)
    }
  }

  /** An edge has to be shorter than this, in fine units. */
  #reach(square: number): number {
    return square === 0 ? -1 : Math.sqrt(square) * this.#sieve.scale
  }

  #sift(start: number, strip: number): void {
    const sieve = this.#sieve
    const pairs = sieve.sift((strip - start) >> 2)
    for (let pair = 0; pair < pairs; pair++) {
      const place = sieve.places[4 * pair] as number
      const left = strip + (place & 3)
      const column = place >> 2
      const right = this.#columns[column] as number
      if (left >= right) continue
      const isLoose = sieve.leftWild[left - start] === 1 || sieve.rightWild[column] === 1
      const fine = Math.sqrt(sieve.squares[2 * pair + 1] as number)
      const a = this.#order[left] as number
      const b = this.#order[right] as number
      if (this.#offer(a, b, fine, isLoose)) {
        this.#forest.merge()
        this.#renewGaps()
      }
    }
  }

  /** Takes an edge if it is of use; `fine` as in the sieve, or only a lower bound. True where edges have to be merged. */
  #offer(a: number, b: number, fine: number, isLoose: boolean): boolean {
    const most = this.#forest.bottleneck(a, b)
    const cores = Math.max(this.#core[a] as number, this.#core[b] as number)
    if (cores >= most) return false
    const { scale, slack } = this.#sieve
    const lower = (fine - slack) / scale
    if (lower > 0 && lower * lower > most * (1 + RELATIVE)) return false
    // Within a core the distance does not matter: it need not be known exactly.
    const upper = (fine + slack) / scale
    if (!isLoose && upper * upper < cores * (1 - RELATIVE)) return this.#forest.add(a, b, cores)
    const square = Math.max(cores, squaredDistance(this.#points, a, this.#points, b))
    return square < most && this.#forest.add(a, b, square)
  }

  /** The order stays; between neighbours in it the way may have become shorter. */
  #renewGaps(): void {
    const order = this.#order
    for (let place = 0; place + 1 < order.length; place++) {
      const row = order[place] as number
      this.#gaps[row] = this.#forest.bottleneck(row, order[place + 1] as number)
    }
  }
}
