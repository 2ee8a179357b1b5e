import type { CondensedTree } from './condensed-tree.ts'

/**
 * GLOSH: (λ* − λ)/λ* with λ* the largest λ below the cluster that the row left; 0 is the core, towards 1 an outlier.
 * Campello et al. 2015. Where λ* is infinite, 0 for rows that leave there and 1 for the others, its limit.
 */
export const outlierScores = (tree: CondensedTree): Float64Array => {
  const deepest = tree.largestLambda.slice()
  for (let cluster = deepest.length - 1; cluster > 0; cluster--) {
    const above = tree.parent[cluster] as number
    deepest[above] = Math.max(deepest[above] as number, deepest[cluster] as number)
  }
  return tree.leavingLambda.map((lambda, row) => {
    const largest = deepest[tree.leavingCluster[row] as number] as number
    if (largest === 0 || lambda === Number.POSITIVE_INFINITY) return 0
    return largest === Number.POSITIVE_INFINITY ? 1 : (largest - lambda) / largest
  })
}

/** Stability of each cluster in units of the most that one of its size could have: 1 where densities are unbounded; 0 for −1. */
export const persistencesOf = (tree: CondensedTree, clusters: readonly number[]): Float64Array => {
  const largest = tree.largestLambda.reduce((most, lambda) => Math.max(most, lambda), 0)
  const isUnbounded = largest === 0 || largest === Number.POSITIVE_INFINITY
  return Float64Array.from(clusters, (cluster) => {
    if (cluster < 0) return 0
    return isUnbounded
      ? 1
      : (tree.stability[cluster] as number) / ((tree.weight[cluster] as number) * largest)
  })
}

/**
 * Rows at the heart of each cluster, none of which is inside another: of every leaf cluster in it those that leave at its
 * largest λ, ascending. None for −1. One pass over the tree and the rows, however many clusters there are.
 */
export const exemplarsOf = (
  tree: CondensedTree,
  clusters: readonly number[],
): readonly Int32Array[] => {
  const home = new Int32Array(tree.parent.length).fill(-1)
  const hasChildren = new Uint8Array(tree.parent.length)
  for (const [place, cluster] of clusters.entries()) if (cluster >= 0) home[cluster] = place
  for (const [child, above] of tree.parent.entries()) {
    if (above < 0) continue
    hasChildren[above] = 1
    if (home[child] === -1) home[child] = home[above] as number
  }
  const rows: number[][] = clusters.map(() => [])
  for (const [row, left] of tree.leavingCluster.entries())
    if (hasChildren[left] === 0 && tree.leavingLambda[row] === tree.largestLambda[left])
      rows[home[left] as number]?.push(row)
  return rows.map((list) => Int32Array.from(list))
}
