import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { type CommonOptions, load, newCommand } from '../cli.ts'
import { print, printJsonArray, tell } from '../output.ts'
import { tableLines } from '../text-table.ts'
import { withApi } from '../with-api.ts'

type Row = Readonly<Record<string, unknown>>

export const sqlCommand = (): Command =>
  newCommand('sql', 'Run one read-only statement on the trace store (ClickHouse SQL)', [
    'neosigma sql "SELECT SpanName, count() AS n FROM otel_traces GROUP BY SpanName ORDER BY n DESC"',
    'neosigma sql --json "SELECT TraceId, Score FROM neosigma_runs FINAL WHERE Outcome = \'fail\'"',
    'neosigma sql - < query.sql',
  ])
    .argument('<query>', 'the statement; - reads it from standard input')
    .option('--json', 'one JSON array of row objects; 64-bit integers are strings')
    .action(async (query: string, options: CommonOptions & { readonly json?: true }) => {
      const sql = query === '-' ? await text(process.stdin) : query
      await withApi(load(options), (api) => {
        const rows = api.rows<Row>(sql)
        return options.json ? printJsonArray(rows) : printRows(rows)
      })
    })

/** The columns are those of the first row. */
const printRows = async (rows: AsyncGenerator<Row>): Promise<void> => {
  const first = await rows.next()
  if (first.done === true) return tell('No rows.')
  const columns = Object.keys(first.value).map((title) => ({
    title,
    value: (row: Row) => row[title],
  }))
  const all = async function* (): AsyncGenerator<Row> {
    yield first.value
    yield* rows
  }
  for await (const line of tableLines(columns, all())) await print(`${line}\n`)
}
