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

/** Stability in units of the most that a cluster of this size could have: 1 where densities are unbounded. */
export const persistenceOf = (tree: CondensedTree, cluster: number): number => {
  const largest = tree.largestLambda.reduce((most, lambda) => Math.max(most, lambda), 0)
  if (largest === 0 || largest === Number.POSITIVE_INFINITY) return 1
  return (tree.stability[cluster] as number) / ((tree.weight[cluster] as number) * largest)
}

/** Rows at the heart of a cluster: of every leaf cluster in it those that leave at its largest λ, ascending. */
export const exemplarsOf = (tree: CondensedTree, cluster: number): Int32Array => {
  const inside = new Uint8Array(tree.parent.length)
  const hasChildren = new Uint8Array(tree.parent.length)
  for (const [child, above] of tree.parent.entries()) {
    if (child === cluster || inside[above] === 1) inside[child] = 1
    if (above >= 0) hasChildren[above] = 1
  }
  const rows: number[] = []
  for (const [row, left] of tree.leavingCluster.entries())
    if (
      inside[left] === 1 &&
      hasChildren[left] === 0 &&
      tree.leavingLambda[row] === tree.largestLambda[left]
    )
      rows.push(row)
  return Int32Array.from(rows)
}
