import { type Command, Option } from 'commander'
import type { ListedRun } from '../../../controller/api/run-routes.ts'
import { type ListingOptions, newListing, sinceTime } from '../cli.ts'
import { printListing } from '../print-listing.ts'
import type { Column } from '../text-table.ts'

interface RunsOptions extends ListingOptions {
  readonly agent?: string
  readonly taskType?: string
  readonly outcome?: string
  readonly failed?: true
  readonly since?: string
}

const COLUMNS: readonly Column<ListedRun>[] = [
  { title: 'STARTED', value: ({ startedAt }) => startedAt },
  { title: 'TRACE ID', value: ({ traceId }) => traceId },
  { title: 'AGENT', value: ({ agent }) => agent },
  { title: 'TASK TYPE', value: ({ taskType }) => taskType },
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
  { title: 'SCORE', value: ({ score }) => score.toFixed(2), align: 'right' },
  { title: 'MS', value: ({ durationMs }) => Math.round(durationMs), align: 'right' },
  { title: 'MODEL CALLS', value: ({ modelCalls }) => modelCalls, align: 'right' },
  { title: 'TOOL CALLS', value: ({ toolCalls }) => toolCalls, align: 'right' },
  { title: 'TOKENS IN', value: ({ inputTokens }) => inputTokens, align: 'right' },
  { title: 'OUT', value: ({ outputTokens }) => outputTokens, align: 'right' },
  { title: 'MODEL', value: ({ model }) => model },
]

export const runsCommand = (): Command =>
  newListing('runs', 'List the runs of agents, newest first', [
    'neosigma runs --failed --since 24h',
    'neosigma runs --json | jq "map(select(.score < 0.5)) | length"',
  ])
    .option('--agent <name>', 'of this agent')
    .option('--task-type <name>', 'of this type of task')
    .addOption(new Option('--outcome <outcome>', 'with this outcome').choices(['pass', 'fail']))
    .addOption(new Option('--failed', 'the same as --outcome fail').conflicts('outcome'))
    .option('--since <time>', 'started since: ISO 8601, or 30m, 24h, 7d ago', sinceTime)
    .action((options: RunsOptions) =>
      printListing(options, {
        path: '/v1/runs',
        query: {
          agent: options.agent,
          taskType: options.taskType,
          outcome: options.failed ? 'fail' : options.outcome,
          since: options.since,
        },
        columns: COLUMNS,
        none: 'No runs. Point an agent at the receiver, or import a file: neosigma import --help',
      }),
    )
