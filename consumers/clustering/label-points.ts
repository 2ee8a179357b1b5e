import type { CondensedTree } from './condensed-tree.ts'

export interface Labelling {
  /** Selected cluster of the tree per row, −1 is noise. */
  readonly clusters: Int32Array
  /** Strength of membership in [0, 1]: min(λ, λmax)/λmax; 0 for noise. */
  readonly probabilities: Float64Array
}

const ROOT = 0

/** Every row belongs to the nearest selected ancestor-or-self of the cluster that it left. */
export const labelPoints = (
  tree: CondensedTree,
  selected: Uint8Array,
  epsilon: number,
): Labelling => {
  const home = homeOf(tree, selected)
  const rootThreshold = epsilon > 0 ? 1 / epsilon : (tree.largestLambda[ROOT] ?? 0)
  const clusters = new Int32Array(tree.leavingCluster.length).fill(-1)
  const probabilities = new Float64Array(clusters.length)
  for (const [row, left] of tree.leavingCluster.entries()) {
    const cluster = home[left] as number
    const lambda = tree.leavingLambda[row] as number
    // The root holds every row: as the only cluster it keeps those that stay to its densest level.
    if (cluster < 0 || (cluster === ROOT && lambda < rootThreshold)) continue
    clusters[row] = cluster
    probabilities[row] = membership(lambda, tree.largestLambda[cluster] as number)
  }
  return { clusters, probabilities }
}

/** Nearest selected ancestor-or-self per cluster, −1 where there is none. Parents come before children. */
export const homeOf = ({ parent }: CondensedTree, selected: Uint8Array): Int32Array => {
  const home = new Int32Array(parent.length).fill(-1)
  for (const [cluster, above] of parent.entries())
    home[cluster] = selected[cluster] === 1 ? cluster : (home[above] ?? -1)
  return home
}

/** min(λ, λmax)/λmax; 1 where λ is infinite or λmax is 0. */
export const membership = (lambda: number, largest: number): number =>
  lambda === Number.POSITIVE_INFINITY || largest === 0 ? 1 : Math.min(lambda, largest) / largest
