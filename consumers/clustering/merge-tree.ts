import type { SpanningTree } from './spanning-tree.ts'

/**
 * The single-linkage hierarchy. Nodes 0 … rows − 1 are the rows, the others are merges with two or more children;
 * the last node is the root. Children are linked lists, −1 ends them.
 */
export interface MergeTree {
  readonly rows: number
  readonly nodes: number
  readonly levels: Float64Array
  readonly weights: Float64Array
  readonly firstChild: Int32Array
  readonly nextSibling: Int32Array
}

/**
 * How edges of exactly equal length are merged. `simultaneous` makes the hierarchy a function of the set of points;
 * one after the other, by the order in which the tree was grown or its reverse, is what other implementations do
 * and serves to compare with them.
 */
export type TieOrder = 'simultaneous' | 'ascending' | 'descending'

export const mergeTree = (
  tree: SpanningTree,
  weights: Float64Array,
  ties: TieOrder = 'simultaneous',
): MergeTree => {
  const rows = weights.length
  const grown = new Growth(weights)
  const order = sortedEdges(tree, ties)
  for (let start = 0; start < order.length; ) {
    const length = tree.lengths[order[start] as number] as number
    let end = start + 1
    if (ties === 'simultaneous')
      while (end < order.length && tree.lengths[order[end] as number] === length) end++
    grown.merge(tree, order.subarray(start, end), length)
    start = end
  }
  return { rows, ...grown.result() }
}

const sortedEdges = ({ lengths }: SpanningTree, ties: TieOrder): Int32Array => {
  const sign = ties === 'descending' ? -1 : 1
  return Int32Array.from({ length: lengths.length }, (_, edge) => edge).sort(
    (a, b) => (lengths[a] as number) - (lengths[b] as number) || sign * (a - b),
  )
}

/** Union-find whose every set knows the node that stands for it. */
class Growth {
  readonly #parent: Int32Array
  readonly #node: Int32Array
  readonly #levels: Float64Array
  readonly #weights: Float64Array
  readonly #firstChild: Int32Array
  readonly #nextSibling: Int32Array
  #nodes: number

  constructor(weights: Float64Array) {
    const rows = weights.length
    const most = Math.max(0, 2 * rows - 1)
    this.#parent = Int32Array.from({ length: rows }, (_, row) => row)
    this.#node = this.#parent.slice()
    this.#levels = new Float64Array(most)
    this.#weights = new Float64Array(most)
    this.#weights.set(weights)
    this.#firstChild = new Int32Array(most).fill(-1)
    this.#nextSibling = new Int32Array(most).fill(-1)
    this.#nodes = rows
  }

  /** Joins along the edges; each set that results is one new node above the sets it was made of. */
  merge({ from, to }: SpanningTree, edges: Int32Array, level: number): void {
    const parts = new Set<number>()
    for (const edge of edges) {
      parts.add(this.#find(from[edge] as number))
      parts.add(this.#find(to[edge] as number))
    }
    const nodeOf = new Map([...parts].map((part) => [part, this.#node[part] as number]))
    for (const edge of edges)
      this.#parent[this.#find(to[edge] as number)] = this.#find(from[edge] as number)
    const merged = new Map<number, number>()
    for (const [part, child] of nodeOf) {
      const root = this.#find(part)
      const node = merged.get(root) ?? this.#nodes++
      merged.set(root, node)
      this.#nextSibling[child] = this.#firstChild[node] as number
      this.#firstChild[node] = child
      this.#levels[node] = level
      this.#weights[node] = (this.#weights[node] as number) + (this.#weights[child] as number)
    }
    for (const [root, node] of merged) this.#node[root] = node
  }

  result(): Omit<MergeTree, 'rows'> {
    return {
      nodes: this.#nodes,
      levels: this.#levels,
      weights: this.#weights,
      firstChild: this.#firstChild,
      nextSibling: this.#nextSibling,
    }
  }

  #find(row: number): number {
    let at = row
    while (this.#parent[at] !== at) {
      this.#parent[at] = this.#parent[this.#parent[at] as number] as number
      at = this.#parent[at] as number
    }
    return at
  }
}
