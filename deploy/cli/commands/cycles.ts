import { type Command, Option } from 'commander'
import { CYCLE_OUTCOMES } from '../../../schemas/cycle-event.ts'
import type { CycleRow } from '../../../schemas/cycle-listing.ts'
import { type ListingOptions, newListing } from '../cli.ts'
import { printListing } from '../print-listing.ts'
import type { Column } from '../text-table.ts'

interface CyclesOptions extends ListingOptions {
  readonly agent?: string
  readonly cluster?: string
  readonly outcome?: string
}

const candidates = (outcome: string) => (row: CycleRow) =>
  row.candidates.filter((candidate) => candidate.outcome === outcome).length

const COLUMNS: readonly Column<CycleRow>[] = [
  { title: 'STARTED', value: ({ startedAt }) => startedAt },
  { title: 'ID', value: ({ id }) => id },
  { title: 'AGENT', value: ({ agent }) => agent },
  { title: 'CLUSTER', value: ({ clusterId }) => clusterId },
  { title: 'OUTCOME', value: ({ outcome }) => outcome ?? 'running' },
  { title: 'STAGE', value: ({ stage }) => stage },
  { title: 'REJECTED', value: candidates('rejected'), align: 'right' },
  { title: 'PASSED', value: candidates('passed'), align: 'right' },
  { title: 'REASON', value: ({ reason }) => reason },
]

export const cyclesCommand = (): Command =>
  newListing('cycles', 'List the cycles of improvement, newest first', [
    'neosigma cycles --outcome RolledBack',
    'neosigma cycles --json | jq ".[0].evidence"',
  ])
    .option('--agent <name>', 'of this agent')
    .option('--cluster <id>', 'for this cluster')
    .addOption(new Option('--outcome <outcome>', 'with this outcome').choices(CYCLE_OUTCOMES))
    .action((options: CyclesOptions) =>
      printListing(options, {
        path: '/v1/cycles',
        query: { agent: options.agent, cluster: options.cluster, outcome: options.outcome },
        columns: COLUMNS,
        none: 'No cycles. Agents under improvement stand under `agents` in neosigma.config.jsonc.',
      }),
    )
