import type { Command } from 'commander'
import type { AgentRun, RunStep } from '../../../schemas/agent-run.ts'
import { type CommonOptions, load, newCommand, traceIdArgument } from '../cli.ts'
import { print } from '../output.ts'
import { printTable } from '../print-listing.ts'
import { type Column, oneLine } from '../text-table.ts'
import { withApi } from '../with-api.ts'

const CONTENT_CHARACTERS = 80

export const runCommand = (): Command =>
  newCommand('run', 'Show one run: its scores and what it did, step by step', [
    'neosigma run 4bf92f3577b34da6a3ce929d0e0e4736',
    'neosigma run 4bf92f3577b34da6a3ce929d0e0e4736 --json | jq ".steps[].name"',
  ])
    .addArgument(traceIdArgument)
    .option('--json', 'the whole run as one JSON object on standard output')
    .action(async (id: string, options: CommonOptions & { readonly json?: true }) => {
      const run = await withApi(load(options), (api) => api.get<AgentRun>(`/v1/runs/${id}`))
      if (options.json) return print(`${JSON.stringify(run)}\n`)
      await print(headerOf(run))
      await printTable(COLUMNS, from(run.steps), 'No steps.')
    })

const headerOf = (run: AgentRun): string => {
  const fields: readonly (readonly [string, unknown])[] = [
    ['Trace', run.traceId],
    ['Agent', `${run.agent}${run.agentVersion === null ? '' : ` ${run.agentVersion}`}`],
    ['Task type', run.taskType],
    ['Started', `${run.startedAt}, ${Math.round(run.durationMs)} ms`],
    ['Outcome', `${run.outcome}, score ${run.score}`],
    ['Model', run.model],
    ['Session', run.sessionId],
    ['Error', run.error === null ? null : `${run.error.type}: ${run.error.message}`],
    ['Task', run.input],
    ['Answer', run.output],
  ]
  const lines = fields.map(([name, value]) => `${name.padEnd(10)} ${shortened(value)}`)
  const scores = run.scores.map(
    ({ name, source, type, value }) => `  ${name} = ${value ?? '–'} (${type}, ${source})`,
  )
  return `${[...lines, 'Scores', ...(scores.length === 0 ? ['  none: error status decides'] : scores)].join('\n')}\n\n`
}

const COLUMNS: readonly Column<RunStep>[] = [
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'MS', value: ({ durationMs }) => Math.round(durationMs), align: 'right' },
  { title: 'ERROR', value: ({ error }) => error?.type },
  { title: 'INPUT', value: ({ input }) => shortened(input) },
  { title: 'OUTPUT', value: ({ output }) => shortened(output) },
]

const shortened = (value: unknown): string => {
  const text = oneLine(value)
  return text.length > CONTENT_CHARACTERS ? `${text.slice(0, CONTENT_CHARACTERS - 1)}…` : text
}

async function* from<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows
}
