import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'

/** They make no difference but to the blocks of the engine. */
const DIMENSIONS = 16
const SIZES = [10_000, 20_000, 40_000]
/** labels, probabilities, outlierScores, lambdas, and which cluster each row left. */
const RESULT_BYTES = 4 + 8 + 8 + 8 + 4
const ARRAYS = ['Float64Array', 'Float32Array', 'Int32Array', 'Int16Array', 'Uint8Array'] as const

/**
 * The most bytes of arrays that are in use at once while `act` runs, beyond those of before: at every array that is made
 * what is no longer needed is collected first, and the rest counted.
 */
const peakOf = (act: () => unknown): number => {
  setFlagsFromString('--expose-gc')
  const once = runInNewContext('gc') as () => void
  // What one collection finds is given back by the next.
  const collect = (): void => {
    once()
    once()
  }
  collect()
  const before = process.memoryUsage().arrayBuffers
  let peak = 0
  const originals = ARRAYS.map((name) => [name, Reflect.get(globalThis, name)] as const)
  for (const [name, original] of originals) {
    const counted = new Proxy(original as new (...options: unknown[]) => object, {
      construct: (target, options, newTarget): object => {
        const made = Reflect.construct(target, options, newTarget) as object
        if (!(options[0] instanceof ArrayBuffer)) {
          collect()
          peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
        }
        return made
      },
    })
    Reflect.set(globalThis, name, counted)
  }
  try {
    act()
  } finally {
    for (const [name, original] of originals) Reflect.set(globalThis, name, original)
  }
  return peak
}

export const memoryTable = (): string => {
  const points = (n: number, d: number): Float32Array =>
    Float32Array.from({ length: n * d }, (_, place) => Math.sin(place * place))
  const measure = (n: number, d: number): number => {
    const values = points(n, d)
    return peakOf(() =>
      hdbscan({ points: values, dimensions: d, metric: 'euclidean', minClusterSize: 10 }),
    )
  }
  measure(1000, 16)
  const bytes = SIZES.map((n) => measure(n, DIMENSIONS))
  const [least, most] = [bytes.at(-2) ?? 0, bytes.at(-1) ?? 0]
  const growth = (most - least) / ((SIZES.at(-1) ?? 0) - (SIZES.at(-2) ?? 0))
  const cells = bytes.map((all) => `${Math.round(all / 1000)} kB`)
  return [
    '## Memory',
    'The most bytes of arrays that one call has in use at once beyond its input, the result among them',
    `(${RESULT_BYTES} bytes a row), unused ones being collected whenever an array is made. The engine's blocks of rows come on top, once in`,
    'a process and whatever the number of rows: about 1.4 MB for 384 dimensions, 0.3 MB for 64.',
    '',
    `| ${SIZES.map((n) => `${n} rows`).join(' | ')} | bytes for each further row |`,
    '|--:|--:|--:|--:|',
    `| ${cells.join(' | ')} | ${Math.round(growth)} |`,
  ].join('\n')
}
