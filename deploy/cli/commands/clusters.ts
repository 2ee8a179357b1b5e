import type { Command } from 'commander'
import type { ListedCluster } from '../../../consumers/priority/list-clusters.ts'
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

export const clustersCommand = (): Command =>
  newListing(
    'clusters',
    'List the clusters of failures: priority = failures × (1 − mean score) × recency, as of now',
    ['neosigma clusters --agent airline', 'neosigma clusters --json | jq ".[0].exampleTraceIds"'],
  )
    .option('--agent <name>', 'of this agent')
    .option('--task-type <name>', 'of this type of task')
    .action((options: ListingOptions & { readonly agent?: string; readonly taskType?: string }) =>
      printListing(options, {
        path: '/v1/clusters',
        query: { agent: options.agent, taskType: options.taskType },
        columns: COLUMNS,
        none: 'No clusters: fewer than three failures of one kind in the window.',
      }),
    )
