import type { Command } from 'commander'
import type { ListedCluster } from '../../../consumers/priority/list-clusters.ts'
import type { ClusterEvent } from '../../../schemas/cluster.ts'
import { type ListingOptions, newListing } from '../cli.ts'
import { printListing } from '../print-listing.ts'
import type { Column } from '../text-table.ts'

const COLUMNS: readonly Column<ListedCluster>[] = [
  { title: 'RANK', value: ({ rank }) => rank, align: 'right' },
  { title: 'ID', value: ({ id }) => id },
  { title: 'AGENT', value: ({ agent }) => agent },
  { title: 'TASK TYPE', value: ({ taskType }) => taskType },
  { title: 'PRIORITY', value: ({ priority }) => priority.toPrecision(4), align: 'right' },
  { title: 'FAILURES', value: ({ failures }) => failures, align: 'right' },
  { title: 'MEAN SCORE', value: ({ meanScore }) => meanScore.toFixed(3), align: 'right' },
  { title: 'HOURS', value: (row) => row.hoursSinceLatest.toFixed(1), align: 'right' },
  { title: 'RECENCY', value: ({ recency }) => recency.toFixed(3), align: 'right' },
  { title: 'TYPE', value: ({ rootCauseType }) => rootCauseType },
  { title: 'SUMMARY', value: ({ summary }) => summary },
]

/** As `related` reads: into, of, or beside which clusters. */
const HOW: Readonly<Record<ClusterEvent['kind'], string>> = {
  emerged: 'emerged',
  survived: 'goes on beside',
  split: 'split off',
  merged: 'merged into',
  vanished: 'vanished',
  reopened: 'reopened',
}

const HISTORY: readonly Column<ClusterEvent>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'AGENT', value: ({ agent }) => agent },
  { title: 'CLUSTER', value: ({ clusterId }) => clusterId },
  { title: 'WHAT', value: ({ kind }) => HOW[kind] },
  { title: 'RELATED', value: ({ relatedIds }) => relatedIds.join(' ') },
  { title: 'FAILURES', value: ({ failures }) => failures, align: 'right' },
]

interface ClustersOptions extends ListingOptions {
  readonly agent?: string
  readonly taskType?: string
  readonly history?: boolean
  readonly cluster?: string
}

export const clustersCommand = (): Command =>
  newListing(
    'clusters',
    'List the clusters of failures: priority = failures × (1 − mean score) × recency, as of now',
    [
      'neosigma clusters --agent airline',
      'neosigma clusters --json | jq ".[0].exampleTraceIds"',
      'neosigma clusters --history --cluster c-8d0f68dde1a7c4b7',
    ],
  )
    .option('--agent <name>', 'of this agent')
    .option('--task-type <name>', 'of this type of task')
    .option(
      '--history',
      'instead, what became of the clusters: emerged, split, merged, vanished, reopened; newest first',
    )
    .option('--cluster <id>', 'with --history: of this cluster')
    .action((options: ClustersOptions) =>
      options.history === true ? printHistory(options) : printClusters(options),
    )

const printClusters = (options: ClustersOptions): Promise<void> =>
  printListing(options, {
    path: '/v1/clusters',
    query: { agent: options.agent, taskType: options.taskType },
    columns: COLUMNS,
    none: 'No clusters: fewer than three failures of one kind in the window.',
  })

const printHistory = (options: ClustersOptions): Promise<void> =>
  printListing(options, {
    path: '/v1/cluster-events',
    query: { agent: options.agent, cluster: options.cluster },
    columns: HISTORY,
    none: 'No history: no cluster has emerged yet.',
  })
