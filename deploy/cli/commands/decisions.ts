import { type Command, Option } from 'commander'
import { DECISIONS, type DeploymentDecision } from '../../../schemas/decision.ts'
import { type ListingOptions, newListing } from '../cli.ts'
import { printListing } from '../print-listing.ts'
import type { Column } from '../text-table.ts'

interface DecisionsOptions extends ListingOptions {
  readonly agent?: string
  readonly cycle?: string
  readonly decision?: string
}

/** Enough of a digest to tell versions apart by eye. */
const short = (digest: string | null): string | null =>
  digest === null ? null : digest.slice(0, 'sha256:'.length + 12)

const COLUMNS: readonly Column<DeploymentDecision>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'ID', value: ({ id }) => id },
  { title: 'DECISION', value: ({ decision }) => decision },
  { title: 'AGENT', value: ({ agent }) => agent },
  { title: 'FROM', value: ({ fromVersion }) => short(fromVersion) },
  { title: 'TO', value: ({ toVersion }) => short(toVersion) },
  { title: 'WEIGHT', value: ({ canary }) => canary?.weight, align: 'right' },
  { title: 'RISK', value: ({ risk }) => risk.level },
  { title: 'REASON', value: ({ reason }) => reason },
]

export const decisionsCommand = (): Command =>
  newListing('decisions', 'List the deployment decisions, newest first', [
    'neosigma decisions --decision pending-review',
    'neosigma decisions --json | jq ".[] | {decision, toVersion, reason}"',
  ])
    .option('--agent <name>', 'of this agent')
    .option('--cycle <id>', 'of this cycle')
    .addOption(new Option('--decision <kind>', 'of this kind').choices(DECISIONS))
    .action((options: DecisionsOptions) =>
      printListing(options, {
        path: '/v1/decisions',
        query: { agent: options.agent, cycle: options.cycle, decision: options.decision },
        columns: COLUMNS,
        none: 'No decisions.',
      }),
    )
