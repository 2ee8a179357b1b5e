import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

const RESULTS = join(import.meta.dirname, '..', 'results')
const TABLE = join(RESULTS, 'mining-miner.md')
const KEPT = join(RESULTS, 'mining-miner.jsonl')
const MB = 1e6
const BYTES_PER_GIB = 2 ** 30

interface StateFigures {
  readonly part: 'state'
  readonly failures: number
  readonly clusters: number
  readonly kinds: number
  readonly hitsPerSecond: number
  readonly strangersPerSecond: number
  readonly strangers: number
  readonly placed: number
  readonly windowBytes: number
  readonly placementBytes: number
  readonly rssBytes: number
}

interface LatencyFigures {
  readonly part: 'latency'
  readonly clusters: number
  readonly runsPerSecond: number
  readonly seconds: number
  readonly rankings: number
  readonly reclusterings: number
  readonly probes: number
  readonly seen: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly behind: number
}

type Figures = StateFigures | LatencyFigures

/**
 * The miner alone: `npm run bench -- mining miner [state | latency]`. Each part is a process of its own, so that memory is
 * that of nothing else. The table is of what was measured last of each part.
 */
export const run = async (options: readonly string[]): Promise<void> => {
  const wanted = (part: string): boolean => options.length === 0 || options.includes(part)
  if (wanted('state'))
    keep({
      part: 'state',
      ...(await child(['miner-state-worker.ts', '1000000', '10000'])),
    } as Figures)
  if (wanted('latency'))
    keep({
      part: 'latency',
      ...(await child(['miner-latency-worker.ts', '10000', '1000', '60'])),
    } as Figures)
  const table = tableOf(kept())
  writeFileSync(TABLE, table)
  process.stdout.write(table)
}

/** Runs a part; it prints lines of JSON, whose members are put together. */
const child = (command: readonly string[]): Promise<object> =>
  new Promise((resolve, reject) => {
    const [file = '', ...rest] = command
    const process_ = spawn(
      process.execPath,
      ['--expose-gc', join(import.meta.dirname, file), ...rest],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let text = ''
    process_.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    process_.on('close', (status) => {
      if (status !== 0) reject(new Error(`${file} ended with ${status}`))
      else
        resolve(
          Object.assign(
            {},
            ...text
              .split('\n')
              .filter((line) => line.startsWith('{'))
              .map((line) => JSON.parse(line) as object),
          ),
        )
    })
  })

const kept = (): readonly Figures[] => {
  try {
    return readFileSync(KEPT, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Figures)
  } catch {
    return []
  }
}

const keep = (figures: Figures): void => {
  const others = kept().filter(({ part }) => part !== figures.part)
  writeFileSync(KEPT, [...others, figures].map((one) => `${JSON.stringify(one)}\n`).join(''))
}

const tableOf = (all: readonly Figures[]): string => {
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / BYTES_PER_GIB)} GiB, Node ${process.version}`
  return `${[
    '# Miner',
    '`npm run bench -- mining miner`',
    machine,
    ...all.map((figures) =>
      figures.part === 'state' ? stateTable(figures) : latencyTable(figures),
    ),
  ].join('\n\n')}\n`
}

const rows = (lines: readonly (readonly [string, string, string])[]): string =>
  ['| | measured | aim |', '|---|--:|--:|', ...lines.map((line) => `| ${line.join(' | ')} |`)].join(
    '\n',
  )

const whole = (number: number): string => Math.round(number).toLocaleString('en')

const stateTable = (figures: StateFigures): string =>
  [
    `## Window and online assignment, one thread, without store and log`,
    rows([
      ['failures in the window', whole(figures.failures), ''],
      ['open clusters', whole(figures.clusters), '10,000'],
      [
        'window state, heap and buffers after garbage collection',
        `${(figures.windowBytes / MB).toFixed(0)} MB`,
        '≤ 200 MB',
      ],
      [
        '  per failure',
        `${(figures.windowBytes / figures.failures).toFixed(0)} bytes`,
        '≤ 200 bytes',
      ],
      [
        'last clustering, kept to place failures in',
        `${(figures.placementBytes / MB).toFixed(0)} MB`,
        '',
      ],
      ['resident set above the empty process', `${(figures.rssBytes / MB).toFixed(0)} MB`, ''],
      ['failures a second whose fingerprint is known', whole(figures.hitsPerSecond), ''],
      [
        'failures a second of kinds not seen before',
        `${whole(figures.strangersPerSecond)} (${figures.placed} of ${figures.strangers} placed)`,
        '',
      ],
    ]),
    'A failure is read from its run, fingerprinted, placed, put into the window and ranked. Every failure has a session of its own and one of 100,000 users.',
  ].join('\n\n')

const latencyTable = (figures: LatencyFigures): string =>
  [
    '## From a failed run in the log to a published ranking that has it, SQLite log and chDB in one process',
    rows([
      ['open clusters', whole(figures.clusters), '10,000'],
      ['failed runs a second', whole(figures.runsPerSecond), '1,000'],
      ['for so many seconds', whole(figures.seconds), ''],
      [
        'rankings published, clusterings meanwhile',
        `${figures.rankings}, ${figures.reclusterings}`,
        '',
      ],
      ['probes, of them seen', `${figures.probes}, ${figures.seen}`, 'all'],
      ['median', `${figures.p50Ms} ms`, ''],
      ['p99', `${figures.p99Ms} ms`, '≤ 1,000 ms'],
      ['longest', `${figures.maxMs} ms`, ''],
      ['failures missing in the last ranking', whole(figures.behind), '0'],
    ]),
    'All runs fail; one in fifty is of a kind that nobody has seen, one in ten is a probe: it is seen when a ranking names it among the newest of its cluster. Load, log, store, miner and its clusterings share the machine.',
  ].join('\n\n')
