/** What decides whether a cluster is looked at run by run. */
export interface ClusterWeight {
  readonly id: string
  readonly failures: number
  readonly priority: number
}

/** Clusters of this share, by failures or by priority, are refined; of few clusters at least the first. */
const TOP_SHARE = 0.2

/**
 * Ids of the clusters whose diagnosis is refined by looking at single runs: those among the top fifth by failures or by
 * priority. Equal ones at the edge are all in, so that the order of the list decides nothing.
 */
export const clustersToRefine = (clusters: readonly ClusterWeight[]): ReadonlySet<string> => {
  const places = Math.max(1, Math.floor(clusters.length * TOP_SHARE))
  const topBy = (value: (cluster: ClusterWeight) => number): readonly string[] => {
    const edge = clusters.map(value).sort((a, b) => b - a)[places - 1] ?? Number.POSITIVE_INFINITY
    return clusters.filter((cluster) => value(cluster) >= edge).map(({ id }) => id)
  }
  return new Set([...topBy(({ failures }) => failures), ...topBy(({ priority }) => priority)])
}
