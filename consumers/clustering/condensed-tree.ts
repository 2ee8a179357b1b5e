import { eachRow, levelOf, type MergeTree, partsOf, weightOf } from './merge-tree.ts'

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
  /** Distance below which the copies that one row stands for are apart: max(core, floor). */
  readonly copyDistance: (row: number) => number
}

/** Every λ is 1/distance; at distance 0 it is infinite. */
const lambdaOf = (distance: number): number => 1 / distance

/** Condenses from the top. Parts are big by weight ≥ the minimum cluster size. */
export const condenseTree = (tree: MergeTree, options: CondenseOptions): CondensedTree => {
  const state = new Condensation(tree.rows)
  if (tree.nodes === 0) return state.result()
  const root = tree.nodes - 1
  const pending: Place[] = [{ node: root, cluster: state.open(-1, 0, weightOf(tree, root)) }]
  for (let place = pending.pop(); place !== undefined; place = pending.pop())
    for (const next of descend(tree, options, state, place)) pending.push(next)
  return state.result()
}

interface Place {
  readonly node: number
  readonly cluster: number
}

/** One node of a cluster: what leaves at its level, and where the cluster, or its successors, go on. */
const descend = (
  tree: MergeTree,
  { minClusterSize, copyDistance }: CondenseOptions,
  state: Condensation,
  { node, cluster }: Place,
): Place[] => {
  if (node < tree.rows) {
    const lambda = lambdaOf(copyDistance(node))
    state.leave(cluster, node, lambda)
    state.count(cluster, weightOf(tree, node), lambda)
    return []
  }
  const level = levelOf(tree, node)
  const lambda = lambdaOf(level)
  const big: number[] = []
  let leaving = 0
  for (const part of partsOf(tree, node)) {
    const isBig =
      weightOf(tree, part) >= minClusterSize && (part >= tree.rows || copyDistance(part) < level)
    if (isBig) big.push(part)
    else {
      leaving += weightOf(tree, part)
      eachRow(tree, part, (row) => state.leave(cluster, row, lambda))
    }
  }
  if (leaving > 0) state.count(cluster, leaving, lambda)
  if (big.length === 1) return big.map((part) => ({ node: part, cluster }))
  const total = big.reduce((sum, part) => sum + weightOf(tree, part), 0)
  if (total > 0) state.count(cluster, total, lambda)
  return big.map((part) => ({
    node: part,
    cluster: state.open(cluster, lambda, weightOf(tree, part)),
  }))
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

  leave(cluster: number, row: number, lambda: number): void {
    this.#leavingCluster[row] = cluster
    this.#leavingLambda[row] = lambda
  }

  /** The nodes of a cluster come by falling level, whatever the order of the rows: the sum is always the same. */
  count(cluster: number, weight: number, lambda: number): void {
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
