import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import { differingRows, renaming } from '../../support/compare-labels.ts'
import { testData } from '../../support/test-data.ts'

interface Fixture {
  readonly name: string
  readonly n: number
  readonly d: number
  readonly mcs: number
  readonly ms: number
  readonly X: readonly number[]
  readonly labels: readonly number[]
  readonly prob: readonly number[]
  readonly cluster_selection_method?: 'eom' | 'leaf'
  readonly allow_single_cluster?: boolean
}

/** Every fixture against scikit-learn 1.9.1. Where it differs, ties are the reason: one order of several is the reference. */
export const conformanceTable = (): string => {
  const fixtures = testData('hdbscan_fixtures.json', 1) as readonly Fixture[] | null
  const rows = (fixtures ?? []).map((fixture) => {
    const result = hdbscan({
      points: Float64Array.from(fixture.X),
      dimensions: fixture.d,
      metric: 'euclidean',
      minClusterSize: fixture.mcs,
      minSamples: fixture.ms,
      clusterSelectionMethod: fixture.cluster_selection_method ?? 'eom',
      allowSingleCluster: fixture.allow_single_cluster ?? false,
    })
    const names = renaming(result.labels, fixture.labels)
    const differences = fixture.labels.flatMap((label, row) =>
      names.get(result.labels[row] ?? -1) === label
        ? [Math.abs((result.probabilities[row] ?? 0) - (fixture.prob[row] ?? 0))]
        : [],
    )
    const noise = (labels: ArrayLike<number>): number =>
      Array.from(labels).filter((label) => label < 0).length
    const cells = [
      `${fixture.n} × ${fixture.d}`,
      `${new Set(fixture.labels.filter((label) => label >= 0)).size}, ${noise(fixture.labels)}`,
      `${result.persistence.length}, ${noise(result.labels)}`,
      differingRows(result.labels, fixture.labels),
      Math.max(...differences).toExponential(1),
    ]
    return `| ${fixture.name} | ${cells.join(' | ')} |`
  })
  return [
    '## Conformance',
    'Equal edges merge at once here, so the result is a function of the set of rows; the reference merges them in an order that',
    'depends on theirs, and is itself one of several answers where labels differ (its own answers to permutations of',
    '`single_blob` differ as much). Merged one after the other in its order, every fixture but digits64 gives its labels and',
    'probabilities exactly (`test/consumers/clustering/hdbscan.conformance.test.ts`).',
    '',
    '| fixture | rows × dimensions | reference: clusters, noise | ours: clusters, noise | labels that differ | largest difference of probability among equal labels |',
    '|---|---|---|---|--:|--:|',
    ...rows,
  ].join('\n')
}
