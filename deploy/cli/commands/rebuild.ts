import { Argument, type Command } from 'commander'
import {
  LISTINGS,
  type Listing,
  type RebuildProgress,
} from '../../../controller/rebuild-listings.ts'
import { TransientError } from '../../../schemas/errors.ts'
import type { ApiClient } from '../api-client.ts'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { print } from '../output.ts'
import { openProgress, type Progress } from '../progress.ts'
import { withApi } from '../with-api.ts'

type RebuildOptions = CommonOptions & { readonly json?: true }

export const rebuildCommand = (): Command =>
  newCommand(
    'rebuild',
    'Make the listings of cycles, evaluations and decisions anew from their topics, whether the system runs or not',
    ['neosigma rebuild', 'neosigma rebuild decisions'],
  )
    .addArgument(new Argument('[listing...]', 'which (default: all)').choices(LISTINGS))
    .option('--json', 'one JSON array of what was done on standard output')
    .action(async (listings: readonly Listing[], options: RebuildOptions) => {
      const progress = openProgress()
      try {
        const asked = listings.length === 0 ? LISTINGS : listings
        const done = await withApi(load(options), (api) => rebuild(api, asked, progress))
        progress.stop()
        await print(options.json === true ? `${JSON.stringify(done)}\n` : sentences(done))
      } finally {
        progress.stop()
      }
    })

const rebuild = async (
  api: ApiClient,
  listings: readonly Listing[],
  progress: Progress,
): Promise<readonly RebuildProgress[]> => {
  const done: RebuildProgress[] = []
  for await (const step of api.lines<RebuildProgress>('/v1/rebuild', { listings })) {
    progress.update(`${step.listing}: records read`, step.records, null)
    if (step.done) done.push(step)
  }
  if (done.length === new Set(listings).size) return done
  throw new TransientError('store-unavailable', 'The listings were not all rebuilt; see the log.')
}

const sentences = (done: readonly RebuildProgress[]): string =>
  done
    .map(({ listing, records, rows }) => `${listing}: ${rows} rows of ${records} records\n`)
    .join('')
