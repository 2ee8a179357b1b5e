import { type ListingOptions, load } from './cli.ts'
import { print, printJsonArray, tell } from './output.ts'
import { type Column, tableLines } from './text-table.ts'
import { withApi } from './with-api.ts'

export interface Listing<Row> {
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly columns: readonly Column<Row>[]
  /** Said where there is no row. */
  readonly none: string
}

/** Prints what the API lists: a table, or with `--json` an array. */
export const printListing = async <Row>(
  options: ListingOptions,
  { path, query = {}, columns, none }: Listing<Row>,
): Promise<void> => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, value)
  const address = search.size === 0 ? path : `${path}?${search}`
  await withApi(load(options), async (api) => {
    const rows = api.list<Row>(address, options.limit)
    if (options.json) await printJsonArray(rows)
    else await printTable(columns, rows, none)
  })
}

export const printTable = async <Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row>,
  none: string,
): Promise<void> => {
  let lines = 0
  for await (const line of tableLines(columns, rows)) {
    await print(`${line}\n`)
    lines++
  }
  if (lines === 0) tell(none)
}
