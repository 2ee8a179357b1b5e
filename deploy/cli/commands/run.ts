import type { Command } from 'commander'
import type { AgentRun } from '../../../schemas/agent-run.ts'
import { type CommonOptions, load, newCommand, traceIdArgument } from '../cli.ts'
import { jsonText, print } from '../output.ts'
import { printTable } from '../print-listing.ts'
import { placedSteps, runHeader, SCORE_COLUMNS, STEP_COLUMNS } from '../run-text.ts'
import { withApi } from '../with-api.ts'

export const runCommand = (): Command =>
  newCommand('run', 'Show one run: its scores and what it did, step by step', [
    'neosigma run 4bf92f3577b34da6a3ce929d0e0e4736',
    'neosigma run 4bf92f3577b34da6a3ce929d0e0e4736 --json | jq ".steps[].name"',
  ])
    .addArgument(traceIdArgument)
    .option('--json', 'the whole run as one JSON object on standard output')
    .action(async (id: string, options: CommonOptions & { readonly json?: true }) => {
      const run = await withApi(load(options), (api) => api.get<AgentRun>(`/v1/runs/${id}`))
      if (options.json) return print(`${jsonText(run)}\n`)
      await print(`${runHeader(run)}\n`)
      await printTable(SCORE_COLUMNS, from(run.scores), 'No scores: the error status decides.')
      await print('\n')
      await printTable(STEP_COLUMNS, from(placedSteps(run.steps)), 'No steps.')
    })

async function* from<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows
}
