import type { SizeFigures } from './kept-figures.ts'

const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const MEGABYTE = 1e6

export interface Section {
  readonly engine: string
  /** By number of spans. */
  readonly sizes: ReadonlyMap<number, SizeFigures>
}

const label = (spans: number): string => `${spans.toLocaleString('en-US')} spans`

/** Times of queries (50th / 95th of a hundred, ms) by size, insert rates and sizes on the disk. */
export const storageReport = ({ engine, sizes }: Section): string => {
  const columns = [...sizes]
  const names = new Set(columns.flatMap(([, { times }]) => Object.keys(times)))
  const cell = (values: readonly number[] | undefined): string =>
    values === undefined
      ? '–'
      : `${quantile(values, 0.5).toFixed(0)} / ${quantile(values, 0.95).toFixed(0)}`
  const rate = ({ spansPerSecond }: SizeFigures): string =>
    spansPerSecond.length === 0
      ? '–'
      : `${Math.min(...spansPerSecond).toFixed(0)} / **${quantile(spansPerSecond, 0.5).toFixed(0)}** / ${Math.max(...spansPerSecond).toFixed(0)}`
  const tables = new Set(columns.flatMap(([, figures]) => figures.tables.map(({ name }) => name)))
  return [
    `## ${engine}`,
    'Milliseconds, p50 / p95, as the caller sees them:',
    table(
      ['', ...columns.map(([spans]) => label(spans))],
      [...names].map((name) => [name, ...columns.map(([, { times }]) => cell(times[name]))]),
    ),
    'Spans a second that one writer inserts into what is there (decoding included), least / median / greatest:',
    table(
      columns.map(([spans]) => label(spans)),
      [columns.map(([, figures]) => rate(figures))],
    ),
    'Rows, and MB on the disk:',
    table(
      ['', ...columns.map(([spans]) => label(spans))],
      [...tables].map((name) => [
        `\`${name}\``,
        ...columns.map(([, figures]) => {
          const one = figures.tables.find((size) => size.name === name)
          return one === undefined ? '–' : `${one.rows} · ${(one.bytes / MEGABYTE).toFixed(1)}`
        }),
      ]),
    ),
  ].join('\n\n')
}
