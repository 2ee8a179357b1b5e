import type { MergeTree } from './merge-tree.ts'

/**
 * The hierarchy seen by clusters of at least the minimum size. Cluster 0 is the root, parents come before children;
 * λ = 1/distance. Each row leaves one cluster: at `leavingLambda` it falls out of `leavingCluster`.
 */
export interface CondensedTree {
  /** −1 for the root. */
  readonly parent: Int32Array
  readonly birthLambda: Float64Array
  readonly weight: Float64Array
  /** Σ weight · (λ_leaving − λ_birth) over what leaves the cluster; child clusters leave at their birth. */
  readonly stability: Float64Array
  /** Largest λ at which something leaves the cluster directly. */
  readonly largestLambda: Float64Array
  readonly leavingCluster: Int32Array
  readonly leavingLambda: Float64Array
}

export interface CondenseOptions {
  readonly minClusterSize: number
  /** Distance below which the copies that one row stands for are apart: max(core, floor), per row. */
  readonly copyDistances: Float64Array
}

/** Every λ is 1/distance; at distance 0 it is infinite. */
const lambdaOf = (distance: number): number => 1 / distance

/** Condenses from the top. Children are big by weight ≥ the minimum cluster size. */
export const condenseTree = (tree: MergeTree, options: CondenseOptions): CondensedTree => {
  const state = new Condensation(tree.rows)
  if (tree.nodes === 0) return state.result()
  const root = tree.nodes - 1
  const pending: Place[] = [
    { node: root, cluster: state.open(-1, 0, tree.weights[root] as number) },
  ]
  for (let place = pending.pop(); place !== undefined; place = pending.pop())
    pending.push(...descend(tree, options, state, place))
  return state.result()
}

interface Place {
  readonly node: number
  readonly cluster: number
}

/** One node of a cluster: what leaves at its level, and where the cluster, or its successors, go on. */
const descend = (
  tree: MergeTree,
  { minClusterSize, copyDistances }: CondenseOptions,
  state: Condensation,
  { node, cluster }: Place,
): Place[] => {
  if (node < tree.rows) {
    state.leave(
      cluster,
      [node],
      tree.weights[node] as number,
      lambdaOf(copyDistances[node] as number),
    )
    return []
  }
  const level = tree.levels[node] as number
  const lambda = lambdaOf(level)
  const isBig = (child: number): boolean =>
    (tree.weights[child] as number) >= minClusterSize &&
    (child >= tree.rows || (copyDistances[child] as number) < level)
  const children = [...childrenOf(tree, node)]
  const big = children.filter(isBig)
  let leaving = 0
  const rows: number[] = []
  for (const child of children)
    if (!isBig(child)) {
      leaving += tree.weights[child] as number
      for (const row of rowsBelow(tree, child)) rows.push(row)
    }
  if (rows.length > 0) state.leave(cluster, rows, leaving, lambda)
  if (big.length === 1) return big.map((child) => ({ node: child, cluster }))
  const born = big.map((child) => ({
    node: child,
    cluster: state.open(cluster, lambda, tree.weights[child] as number),
  }))
  if (born.length > 0)
    state.split(
      cluster,
      born.map((child) => tree.weights[child.node] as number),
      lambda,
    )
  return born
}

function* childrenOf({ firstChild, nextSibling }: MergeTree, node: number): Generator<number> {
  for (let child = firstChild[node] as number; child >= 0; child = nextSibling[child] as number)
    yield child
}

function* rowsBelow(tree: MergeTree, top: number): Generator<number> {
  const pending = [top]
  for (let node = pending.pop(); node !== undefined; node = pending.pop())
    if (node < tree.rows) yield node
    else pending.push(...childrenOf(tree, node))
}

class Condensation {
  readonly #parent: number[] = []
  readonly #birth: number[] = []
  readonly #weight: number[] = []
  readonly #stability: number[] = []
  readonly #largest: number[] = []
  readonly #leavingCluster: Int32Array
  readonly #leavingLambda: Float64Array

  constructor(rows: number) {
    this.#leavingCluster = new Int32Array(rows)
    this.#leavingLambda = new Float64Array(rows)
  }

  open(parent: number, birth: number, weight: number): number {
    this.#parent.push(parent)
    this.#birth.push(birth)
    this.#weight.push(weight)
    this.#stability.push(0)
    this.#largest.push(0)
    return this.#parent.length - 1
  }

  leave(cluster: number, rows: readonly number[], weight: number, lambda: number): void {
    for (const row of rows) {
      this.#leavingCluster[row] = cluster
      this.#leavingLambda[row] = lambda
    }
    this.#count(cluster, weight, lambda)
  }

  split(cluster: number, weights: readonly number[], lambda: number): void {
    this.#count(
      cluster,
      weights.reduce((sum, weight) => sum + weight, 0),
      lambda,
    )
  }

  /** The nodes of a cluster come by falling level, whatever the order of the rows: the sum is always the same. */
  #count(cluster: number, weight: number, lambda: number): void {
    const lifetime = lambda - (this.#birth[cluster] as number)
    this.#stability[cluster] = (this.#stability[cluster] as number) + weight * lifetime
    this.#largest[cluster] = Math.max(this.#largest[cluster] as number, lambda)
  }

  result(): CondensedTree {
    return {
      parent: Int32Array.from(this.#parent),
      birthLambda: Float64Array.from(this.#birth),
      weight: Float64Array.from(this.#weight),
      stability: Float64Array.from(this.#stability),
      largestLambda: Float64Array.from(this.#largest),
      leavingCluster: this.#leavingCluster,
      leavingLambda: this.#leavingLambda,
    }
  }
}
