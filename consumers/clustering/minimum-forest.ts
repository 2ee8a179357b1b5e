/** Edges kept while the forest is grown; more are merged into it together. */
const FEWEST_PENDING = 512

interface Edges {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly squares: Float64Array
}

const emptyEdges = (most: number): Edges => ({
  from: new Int32Array(most),
  to: new Int32Array(most),
  squares: new Float64Array(most),
})

/**
 * A minimum spanning forest of the edges seen so far, and, for every two rows, the length above which an edge between
 * them is of no use: the longest edge of the way that joins them. Lengths are squared and may be infinite.
 */
export class MinimumForest {
  /** In ascending order of length. */
  readonly #forest: Edges
  count = 0
  readonly #waiting: Edges
  #pending = 0
  /** Union by size without shortcuts: the longest edge between two rows is met on the way up. */
  /** Below zero at the top: how many rows there are. */
  readonly #above: Int32Array
  readonly #link: Float64Array

  constructor(rows: number) {
    const edges = Math.max(0, rows - 1)
    this.#forest = emptyEdges(edges)
    this.#waiting = emptyEdges(Math.max(FEWEST_PENDING, rows >> 2))
    this.#above = new Int32Array(rows)
    this.#link = new Float64Array(rows)
    this.#separate()
  }

  /** Its edges in ascending order; arrays have room for more than `count`. */
  get edges(): Edges {
    return this.#forest
  }

  /** Takes an edge; true where the forest now has to be merged with those that wait. */
  add(from: number, to: number, square: number): boolean {
    this.#waiting.from[this.#pending] = from
    this.#waiting.to[this.#pending] = to
    this.#waiting.squares[this.#pending++] = square
    return this.#pending === this.#waiting.from.length
  }

  /** The longest edge on the way between two rows, as far as edges have been merged; infinite where there is no way. */
  bottleneck(a: number, b: number): number {
    let square = 0
    let one = a
    let other = b
    while (one !== other) {
      const up = this.#link[one] as number
      const otherUp = this.#link[other] as number
      square = Math.min(up, otherUp)
      if (square === Number.POSITIVE_INFINITY) break
      if (up <= otherUp) one = this.#above[one] as number
      else other = this.#above[other] as number
    }
    return square
  }

  /** Kruskal over the forest and the waiting edges. */
  merge(): void {
    const order = this.#sortedPending()
    const isKept = new Uint8Array(this.count)
    let waiting = 0
    let kept = 0
    this.#separate()
    for (let edge = 0; edge <= this.count; edge++) {
      const square =
        edge < this.count ? (this.#forest.squares[edge] as number) : Number.POSITIVE_INFINITY
      for (; waiting < order.length; waiting++) {
        const next = order[waiting] as number
        const nextSquare = this.#waiting.squares[next] as number
        if (nextSquare >= square && edge < this.count) break
        if (
          this.#join(
            this.#waiting.from[next] as number,
            this.#waiting.to[next] as number,
            nextSquare,
          )
        )
          order[kept++] = next
      }
      if (
        edge < this.count &&
        this.#join(this.#forest.from[edge] as number, this.#forest.to[edge] as number, square)
      )
        isKept[edge] = 1
    }
    this.#keep(isKept, order.subarray(0, kept))
    this.#pending = 0
  }

  #sortedPending(): Int32Array {
    const squares = this.#waiting.squares
    const order = new Int32Array(this.#pending)
    for (let edge = 0; edge < order.length; edge++) order[edge] = edge
    return order.sort((a, b) => (squares[a] as number) - (squares[b] as number))
  }

  /** Closes the gaps of edges that went, then merges the new ones in from behind. */
  #keep(isKept: Uint8Array, added: Int32Array): void {
    let old = 0
    for (let edge = 0; edge < isKept.length; edge++)
      if (isKept[edge] === 1) this.#put(old++, this.#forest, edge)
    let at = old + added.length
    this.count = at
    for (let next = added.length; next > 0; ) {
      const waiting = added[next - 1] as number
      at--
      if (
        old > 0 &&
        (this.#forest.squares[old - 1] as number) > (this.#waiting.squares[waiting] as number)
      )
        this.#put(at, this.#forest, --old)
      else {
        this.#put(at, this.#waiting, waiting)
        next--
      }
    }
  }

  #put(at: number, { from, to, squares }: Edges, edge: number): void {
    this.#forest.from[at] = from[edge] as number
    this.#forest.to[at] = to[edge] as number
    this.#forest.squares[at] = squares[edge] as number
  }

  #separate(): void {
    this.#above.fill(-1)
    this.#link.fill(Number.POSITIVE_INFINITY)
  }

  #top(row: number): number {
    let at = row
    while ((this.#above[at] as number) >= 0) at = this.#above[at] as number
    return at
  }

  /** False where the rows hang together already. */
  #join(a: number, b: number, square: number): boolean {
    const one = this.#top(a)
    const other = this.#top(b)
    if (one === other) return false
    const size = (this.#above[one] as number) + (this.#above[other] as number)
    const isLarger = (this.#above[one] as number) <= (this.#above[other] as number)
    const stays = isLarger ? one : other
    const goes = isLarger ? other : one
    this.#above[goes] = stays
    this.#link[goes] = square
    this.#above[stays] = size
    return true
  }
}
