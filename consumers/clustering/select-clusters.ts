import type { CondensedTree } from './condensed-tree.ts'

export interface SelectionOptions {
  readonly clusterSelectionMethod: 'eom' | 'leaf'
  readonly clusterSelectionEpsilon: number
  readonly allowSingleCluster: boolean
  readonly maxClusterSize: number
}

const ROOT = 0

/** Which clusters of the tree are the answer: one flag per cluster, no selected one below another. */
export const selectClusters = (tree: CondensedTree, options: SelectionOptions): Uint8Array => {
  const children = childrenOf(tree)
  const selected =
    options.clusterSelectionMethod === 'leaf'
      ? selectLeaves(children, options)
      : selectByExcessOfMass(tree, children, options)
  return options.clusterSelectionEpsilon > 0
    ? mergeBelowEpsilon(tree, children, selected, options)
    : selected
}

const childrenOf = ({ parent }: CondensedTree): readonly (readonly number[])[] => {
  const children: number[][] = Array.from(parent, () => [])
  for (const [cluster, above] of parent.entries()) children[above]?.push(cluster)
  return children
}

type Children = ReturnType<typeof childrenOf>

const selectLeaves = (children: Children, { allowSingleCluster }: SelectionOptions): Uint8Array =>
  Uint8Array.from(children, (below, cluster) =>
    below.length === 0 && (cluster !== ROOT || allowSingleCluster) ? 1 : 0,
  )

/** A cluster is kept where its stability is no less than the best that lies below it; equality keeps the parent. */
const selectByExcessOfMass = (
  tree: CondensedTree,
  children: Children,
  { allowSingleCluster, maxClusterSize }: SelectionOptions,
): Uint8Array => {
  const best = new Float64Array(children.length)
  const keeps = new Uint8Array(children.length)
  for (let cluster = children.length - 1; cluster >= 0; cluster--) {
    // Sorted before they are added, so that the sum does not depend on the order of the rows.
    const below = (children[cluster] ?? [])
      .map((child) => best[child] as number)
      .sort((a, b) => a - b)
      .reduce((sum, value) => sum + value, 0)
    const own = tree.stability[cluster] as number
    const mayBe =
      (cluster !== ROOT || allowSingleCluster) && (tree.weight[cluster] as number) <= maxClusterSize
    keeps[cluster] = mayBe && own >= below ? 1 : 0
    best[cluster] = keeps[cluster] === 1 ? own : below
  }
  return topmost(children, keeps)
}

/** Drops what lies below a kept cluster. */
const topmost = (children: Children, keeps: Uint8Array): Uint8Array => {
  const selected = new Uint8Array(keeps.length)
  const pending = keeps.length === 0 ? [] : [ROOT]
  for (let cluster = pending.pop(); cluster !== undefined; cluster = pending.pop())
    if (keeps[cluster] === 1) selected[cluster] = 1
    else pending.push(...(children[cluster] ?? []))
  return selected
}

/**
 * Replaces a cluster born at a distance below ε by its nearest ancestor born above it, or the last one below the root
 * (the root itself only where a single cluster is allowed), and drops what lies below.
 */
const mergeBelowEpsilon = (
  tree: CondensedTree,
  children: Children,
  selected: Uint8Array,
  { clusterSelectionEpsilon: epsilon, allowSingleCluster }: SelectionOptions,
): Uint8Array => {
  if (selected[ROOT] === 1) return selected
  const birthDistance = (cluster: number): number => 1 / (tree.birthLambda[cluster] as number)
  const climb = (from: number): number => {
    let cluster = from
    for (let isOutside = birthDistance(from) >= epsilon; !isOutside; ) {
      const above = tree.parent[cluster] as number
      if (above === ROOT) return allowSingleCluster ? ROOT : cluster
      cluster = above
      isOutside = birthDistance(cluster) > epsilon
    }
    return cluster
  }
  const keeps = new Uint8Array(selected.length)
  for (const [cluster, flag] of selected.entries()) if (flag === 1) keeps[climb(cluster)] = 1
  return topmost(children, keeps)
}
