import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hdbscan } from '../../../consumers/clustering/hdbscan.ts'
import { seededRandom } from '../../../schemas/seeded-random.ts'
import { clusteringPython } from '../../support/python-clustering.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { conformanceTable } from './hdbscan-conformance.ts'
import { memoryTable } from './hdbscan-memory.ts'
import { propertyTable } from './hdbscan-properties.ts'
import { type Timing, timingTable } from './hdbscan-timing.ts'

const RESULTS = join(import.meta.dirname, '../results')
const STATE = join(RESULTS, 'mining-hdbscan.json')
const DOCUMENT = join(RESULTS, 'mining-hdbscan.md')
const SIZES = [1000, 2000, 4000, 10_000, 20_000].flatMap((n) =>
  [64, 384].map((d) => [n, d] as const),
)
/** Another implementation has so long for all its runs at one size. */
const MOST_SECONDS = 150

interface State {
  readonly tables?: string
  readonly timings: readonly Timing[]
}

/**
 * `tables` makes all but the times, `time [ROWSxDIMENSIONS…]` the times of these sizes, or of all that are missing.
 * Results are kept, so that the parts can be run one by one; `show` only makes the document of them.
 */
export const run = ([what = 'all', ...sizes]: readonly string[]): void => {
  const state = readState()
  if (what === 'tables' || what === 'all')
    keep({ ...state, tables: [conformanceTable(), propertyTable(), memoryTable()].join('\n\n') })
  if (what === 'time' || what === 'all')
    for (const [n, d] of SIZES)
      if (sizes.length === 0 ? !isTimed(n, d) : sizes.includes(`${n}x${d}`)) addTiming(time(n, d))
  keep(readState())
  process.stdout.write(readFileSync(DOCUMENT, 'utf8'))
}

const readState = (): State =>
  existsSync(STATE) ? (JSON.parse(readFileSync(STATE, 'utf8')) as State) : { timings: [] }

const isTimed = (n: number, d: number): boolean =>
  readState().timings.some((timing) => timing.n === n && timing.d === d)

const addTiming = (timing: Timing): void => {
  const state = readState()
  const others = state.timings.filter(({ n, d }) => n !== timing.n || d !== timing.d)
  keep({ ...state, timings: [...others, timing].sort((a, b) => a.n - b.n || a.d - b.d) })
}

const keep = (state: State): void => {
  writeFileSync(STATE, `${JSON.stringify(state, null, 2)}\n`)
  const text = [
    '# HDBSCAN: conformance, properties, memory, time',
    'Made by `npm run bench -- mining hdbscan tables` and `npm run bench -- mining hdbscan time [ROWSxDIMENSIONS…]`.',
    state.tables ?? '',
    timingTable(state.timings),
  ]
  writeFileSync(DOCUMENT, `${text.join('\n\n').trimEnd()}\n`)
}

/** Ten clusters and a fifth of noise, nearly on a sphere. */
const dataOf = (n: number, d: number): Float32Array => {
  const random = seededRandom(`mining ${n} ${d}`)
  const gauss = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const centres = Float64Array.from({ length: 10 * d }, () => (0.8 * gauss()) / Math.sqrt(d))
  return Float32Array.from({ length: n * d }, (_, place) => {
    const row = Math.floor(place / d)
    return row % 5 === 4
      ? gauss() / Math.sqrt(d)
      : (centres[(row % 10) * d + (place % d)] ?? 0) + (0.6 * gauss()) / Math.sqrt(d)
  })
}

const time = (n: number, d: number): Timing => {
  const points = dataOf(n, d)
  const runs = Array.from({ length: n < 4000 ? 9 : 3 }, () => {
    const start = performance.now()
    hdbscan({ points, dimensions: d, metric: 'euclidean', minClusterSize: 10 })
    return (performance.now() - start) / 1000
  })
  const { folder, remove } = temporaryFolder()
  const file = join(folder, 'rows.f32')
  writeFileSync(file, points)
  try {
    const others = ['brute', 'fast_hdbscan', 'default'].map((name) => timesOf(name, file, n, d))
    return { n, d, own: Math.min(...runs), first: runs[0] ?? 0, ...Object.assign({}, ...others) }
  } finally {
    remove()
  }
}

/** A bound where it took too long. */
const timesOf = (name: string, file: string, n: number, d: number): Partial<Timing> => {
  const python = clusteringPython('the times of scikit-learn and fast_hdbscan')
  if (python === null) return {}
  const script = join(import.meta.dirname, 'clustering-times.py')
  const { stdout, status, signal } = spawnSync(python, [script, file, `${n}`, `${d}`, name], {
    timeout: MOST_SECONDS * 1000,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status === 0) return JSON.parse(stdout.toString()) as Partial<Timing>
  return { [name]: signal === null ? null : -MOST_SECONDS }
}
