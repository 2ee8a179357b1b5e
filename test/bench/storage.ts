// How queries and inserts grow with what is stored. `npm run bench -- storage [--engines clickhouse,chdb] [--spans N,N]
// [--repetitions N] [--data-dir DIR] [--only fill] [--minutes N]`; begun again, it goes on where it was.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startClickHouse } from '../../deploy/local/clickhouse/start-clickhouse.ts'
import { configuration } from '../../pipeline/service-runtime/configuration.ts'
import { NO_SECRETS } from '../../pipeline/service-runtime/secrets.ts'
import { migrate } from '../../pipeline/trace-store/migrate.ts'
import { openTraceStore } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { fillStore } from './storage/fill-store.ts'
import { insertRate } from './storage/insert-rate.ts'
import { openFigures, type SizeFigures } from './storage/kept-figures.ts'
import { QUERIES, type Query } from './storage/queries.ts'
import { type Scale, scaleOf } from './storage/scale.ts'
import { storageReport } from './storage/storage-report.ts'
import { BY_TRACE_QUERIES, makeTableByTrace, WITHOUT } from './storage/without.ts'

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'clickhouse,chdb' },
    spans: { type: 'string', default: '10000,100000,1000000,10000000' },
    repetitions: { type: 'string', default: '20' },
    'data-dir': { type: 'string', default: join(tmpdir(), 'neosigma-storage-bench') },
    only: { type: 'string' },
    minutes: { type: 'string', default: '600' },
  },
})
type Engine = 'clickhouse' | 'chdb'
const ENGINES: readonly Engine[] = ['clickhouse', 'chdb']
const NAMES = { clickhouse: 'ClickHouse server', chdb: 'chDB, in process' } as const
/** The engine in process shares its memory with the roles: beyond this one runs a server. */
const MOST_IN_PROCESS = 1_000_000
/** The other order of spans is measured from here on, and up to here. */
const [LEAST_BY_TRACE, MOST_BY_TRACE] = [1_000_000, 1_000_000]
const INSERTS = 5
const WARM_UPS = 3

const repetitions = Number(values.repetitions)
const endMs = performance.now() + Number(values.minutes) * 60_000
const isOver = (): boolean => performance.now() > endMs
const dataDir = values['data-dir']
mkdirSync(dataDir, { recursive: true })
const kept = openFigures(join(dataDir, 'figures.json'))
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const time = async (query: Query, store: TraceStore, scale: Scale): Promise<readonly number[]> => {
  const times: number[] = []
  for (let repetition = -WARM_UPS; repetition < repetitions; repetition += 1) {
    const startedMs = performance.now()
    await query.ask(store, scale, repetition + WARM_UPS)
    if (repetition >= 0) times.push(performance.now() - startedMs)
  }
  return times
}

const measure = async (key: string, store: TraceStore, spans: number): Promise<void> => {
  let figures = kept.of(key, Date.now())
  const keep = (changed: SizeFigures): void => {
    figures = changed
    kept.keep(key, changed)
    say(`${key}: ${changed.spansFilled} spans, ${changed.runsFilled} runs`)
  }
  const scale = scaleOf(spans, figures.untilMs)
  await fillStore(store, scale, figures, keep)
  if (values.only === 'fill') return
  const settled = async (): Promise<void> => {
    while ((await store.query('SELECT 1 FROM system.merges LIMIT 1')).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 500))
  }
  await settled()
  if (figures.tables.length === 0) keep({ ...figures, tables: await tableSizes(store) })
  const ask = async (queries: readonly Query[]): Promise<void> => {
    for (const query of queries) {
      if (isOver() || figures.times[query.name] !== undefined) continue
      const times = await time(query, store, scale)
      figures = { ...figures, times: { ...figures.times, [query.name]: times } }
      kept.keep(key, figures)
      say(`${key}: ${query.name}: ${times.map((ms) => ms.toFixed(0)).join(' ')}`)
    }
  }
  await ask([...QUERIES, ...WITHOUT])
  if (spans >= LEAST_BY_TRACE && spans <= MOST_BY_TRACE && !isOver()) {
    if (BY_TRACE_QUERIES.some(({ name }) => figures.times[name] === undefined)) {
      await makeTableByTrace(store)
      await settled()
      keep({ ...figures, tables: await tableSizes(store) })
    }
    await ask(BY_TRACE_QUERIES)
    await store.command('DROP TABLE IF EXISTS otel_traces_by_trace SYNC')
  }
  while (figures.spansPerSecond.length < INSERTS && !isOver()) {
    const rate = await insertRate(store, dataDir, figures.spansPerSecond.length)
    figures = { ...figures, spansPerSecond: [...figures.spansPerSecond, rate] }
    kept.keep(key, figures)
    say(`${key}: ${rate.toFixed(0)} spans/s`)
  }
}

interface SizeRow {
  readonly name: string
  readonly rows: string
  readonly bytes: string
}
const tableSizes = async (store: TraceStore) =>
  (
    await store.query<SizeRow>(
      `SELECT table AS name, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
WHERE active AND database = currentDatabase() AND table != 'neosigma_migrations' GROUP BY table ORDER BY bytes DESC`,
    )
  ).map(({ name, rows, bytes }) => ({ name, rows: Number(rows), bytes: Number(bytes) }))

const withStore = async (
  engine: Engine,
  spans: number,
  url: string | null,
  act: (store: TraceStore) => Promise<void>,
): Promise<void> => {
  const traceStore =
    url === null
      ? ({ driver: 'chdb' } as const)
      : ({ driver: 'clickhouse', url, database: `spans_${spans}` } as const)
  const settings = configuration.parse({ traceStore, dataDir: join(dataDir, `${engine}-${spans}`) })
  const store = await openTraceStore(settings, NO_SECRETS)
  try {
    await migrate(store)
    await act(store)
  } finally {
    await store.close()
  }
}

const sizes = values.spans.split(',').map(Number)
const engines = ENGINES.filter((engine) => values.engines.split(',').includes(engine))
for (const engine of engines) {
  const server =
    engine === 'clickhouse' ? await startClickHouse({ dataDir: join(dataDir, 'server') }) : null
  try {
    for (const spans of sizes) {
      if (isOver() || (engine === 'chdb' && spans > MOST_IN_PROCESS)) continue
      const key = `${engine} ${spans}`
      await withStore(engine, spans, server?.url ?? null, (store) => measure(key, store, spans))
    }
  } finally {
    await server?.stop()
  }
}

const sections = ENGINES.flatMap((engine) => {
  const all = Object.entries(kept.all()).filter(
    ([key, { times }]) => key.startsWith(`${engine} `) && Object.keys(times).length > 0,
  )
  if (all.length === 0) return []
  const ofEngine = all
    .map(([key, figures]) => [Number(key.split(' ')[1]), figures] as const)
    .sort(([a], [b]) => a - b)
  return [storageReport({ engine: NAMES[engine], sizes: new Map(ofEngine) })]
})
const [cpu] = cpus()
const report = [
  '# Storage benchmark',
  `\`npm run bench -- storage --repetitions ${repetitions}\``,
  `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, Node ${process.version}; load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')} at the end.`,
  'Spans of 1.2 kB, ten a trace, a run of each trace, spread over 29 days; the engine made the rows. Twentieth runs have a second revision, a fifth failed. Keys vary with each repetition; the engine answers one question at a time.',
  ...sections,
].join('\n\n')
process.stdout.write(`${report}\n`)
if (values.only === undefined) {
  mkdirSync(join(import.meta.dirname, 'results'), { recursive: true })
  writeFileSync(join(import.meta.dirname, 'results', 'storage.md'), `${report}\n`)
}
const isWhole = engines.every((engine) =>
  sizes.every(
    (spans) =>
      (engine === 'chdb' && spans > MOST_IN_PROCESS) ||
      (kept.of(`${engine} ${spans}`, 0).spansPerSecond.length ?? 0) >= INSERTS,
  ),
)
say(isWhole ? `whole; the data lies in ${dataDir}` : 'not whole yet: begin it again')
if (isWhole && values['data-dir'] === join(tmpdir(), 'neosigma-storage-bench'))
  rmSync(dataDir, { recursive: true })
