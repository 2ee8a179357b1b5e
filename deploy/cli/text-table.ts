import { styleText } from 'node:util'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => unknown
  readonly align?: 'right'
}

/** So many rows decide the widths; what comes later and is wider stands out. */
const MEASURED_ROWS = 500
const UNKNOWN = '–'

/** Lines of a table, as the rows come: a title, then a row a line. Nothing for no rows. */
export async function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row>,
): AsyncGenerator<string> {
  const measured: (readonly string[])[] = []
  let widths: readonly number[] | null = null
  for await (const row of rows) {
    const cells = columns.map(({ value }) => oneLine(value(row)))
    if (widths !== null) yield line(columns, widths, cells)
    else if (measured.push(cells) === MEASURED_ROWS) {
      widths = widthsOf(columns, measured)
      yield* measuredLines(columns, widths, measured)
    }
  }
  if (widths === null && measured.length > 0)
    yield* measuredLines(columns, widthsOf(columns, measured), measured)
}

function* measuredLines<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  rows: readonly (readonly string[])[],
): Generator<string> {
  const titles = columns.map(({ title }) => title)
  yield styleText('bold', line(columns, widths, titles), { stream: process.stdout })
  for (const cells of rows) yield line(columns, widths, cells)
}

const widthsOf = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly (readonly string[])[],
): readonly number[] =>
  columns.map(({ title }, place) =>
    rows.reduce((widest, cells) => Math.max(widest, cells[place]?.length ?? 0), title.length),
  )

const line = <Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  cells: readonly string[],
): string =>
  columns
    .map(({ align }, place) => {
      const [text, width] = [cells[place] ?? '', widths[place] ?? 0]
      return align === 'right' ? text.padStart(width) : text.padEnd(width)
    })
    .join('  ')
    .trimEnd()

/** One line whatever the value: what controls a terminal or turns the direction of writing never reaches it from a trace. */
export const oneLine = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return UNKNOWN
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, ' ')
}
