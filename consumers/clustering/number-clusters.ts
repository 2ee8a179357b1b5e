import { weightAt } from './prepare-points.ts'

export interface FoundCluster {
  /** Of the tree; −1 for a group of heavy noise. */
  readonly cluster: number
  /** Of a group of heavy noise. */
  readonly rows: Int32Array
  readonly weight: number
  readonly first: number
}

/** Canonical numbers: the heaviest first, equal ones by their first row. Takes the clusters of rows and of groups. */
export const numberClusters = (
  clusters: Int32Array,
  count: number,
  weights: Float64Array | null,
  groups: readonly Int32Array[],
): { readonly labels: Int32Array; readonly found: readonly FoundCluster[] } => {
  const sums = new Float64Array(count)
  const firsts = new Int32Array(count).fill(-1)
  for (let row = 0; row < clusters.length; row++) {
    const cluster = clusters[row] as number
    if (cluster < 0) continue
    sums[cluster] = (sums[cluster] as number) + weightAt(weights, row)
    if (firsts[cluster] === -1) firsts[cluster] = row
  }
  const none = new Int32Array(0)
  const found: FoundCluster[] = groups.map((rows) => ({
    cluster: -1,
    rows,
    weight: rows.reduce((sum, row) => sum + weightAt(weights, row), 0),
    first: rows[0] as number,
  }))
  for (const [cluster, first] of firsts.entries())
    if (first >= 0) found.push({ cluster, rows: none, weight: sums[cluster] as number, first })
  found.sort((a, b) => b.weight - a.weight || a.first - b.first)
  const labelOf = new Int32Array(count)
  for (const [label, { cluster }] of found.entries()) if (cluster >= 0) labelOf[cluster] = label
  const labels = clusters.map((cluster) => (cluster < 0 ? -1 : (labelOf[cluster] as number)))
  for (const [label, { rows }] of found.entries()) for (const row of rows) labels[row] = label
  return { labels, found }
}
