import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'

const SIZES = [5000, 10_000, 20_000]
const RESULT_BYTES = 4 + 8 + 8 + 8 + 4

/** Counts the bytes of every typed array that is made while `act` runs, whether it is still needed or not. */
const allocatedBy = (act: () => unknown): number => {
  const before = process.memoryUsage().arrayBuffers
  act()
  return process.memoryUsage().arrayBuffers - before
}

/** All that is ever allocated in one call: an upper bound of what is needed at once. */
export const memoryTable = (): string => {
  const points = (n: number, d: number): Float32Array =>
    Float32Array.from({ length: n * d }, (_, place) => Math.sin(place * place))
  const measure = (n: number, d: number): number => {
    const values = points(n, d)
    return allocatedBy(() =>
      hdbscan({ points: values, dimensions: d, metric: 'euclidean', minClusterSize: 10 }),
    )
  }
  measure(1000, 16)
  const rows = [16, 384].map((d) => {
    const bytes = SIZES.map((n) => measure(n, d))
    const growth = ((bytes.at(-1) ?? 0) - (bytes[0] ?? 0)) / ((SIZES.at(-1) ?? 0) - (SIZES[0] ?? 0))
    const cells = [...bytes.map((all) => `${Math.round(all / 1000)} kB`), Math.round(growth)]
    return `| ${d} | ${cells.join(' | ')} |`
  })
  return [
    '## Memory',
    'Bytes of all arrays that one call allocates beyond its input, whether still needed or not: an upper bound of what is there at',
    `once. ${RESULT_BYTES} bytes a row of it are the result. The engine's blocks of rows come on top, once in a process and whatever the`,
    'number of rows: about 1.4 MB for 384 dimensions, 0.3 MB for 64.',
    '',
    `| dimensions | ${SIZES.map((n) => `${n} rows`).join(' | ')} | bytes for each further row |`,
    '|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n')
}
