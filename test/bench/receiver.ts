// OTLP → log by NeoSigma's receiver and by a Collector's gateway, on the same broker with the same requests, in turn.
// `npm run bench -- receiver [--rounds N] [--fresh]`; a call adds its rounds to
// those of calls before it, none with `--rounds 0`.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { collectorBinary } from '../../deploy/collector/build-collector.ts'
import type { SpanSize } from './pipeline/gen-ai-spans.ts'
import { CONTENDERS } from './receiver/contenders.ts'
import { sectionOf } from './receiver/receiver-table.ts'
import type { Protocol } from './receiver/senders.ts'
import { type Case, openStage, type Run } from './receiver/stage.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    spans: { type: 'string', default: '100000' },
    'large-spans': { type: 'string', default: '15000' },
    contenders: { type: 'string', default: CONTENDERS.join(',') },
    sizes: { type: 'string', default: '1.2 kB,10 kB' },
    protocols: { type: 'string', default: 'http,grpc' },
    /** Forgets the rounds of calls before this one. */
    fresh: { type: 'boolean', default: false },
  },
})
const RESULTS = join(import.meta.dirname, 'results')
const RUNS = join(RESULTS, 'receiver.jsonl')
const TABLE = join(RESULTS, 'receiver.md')
mkdirSync(RESULTS, { recursive: true })
if (values.fresh) rmSync(RUNS, { force: true })

const SIZES: readonly SpanSize[] = ['1.2 kB', '10 kB']
const PROTOCOLS: readonly Protocol[] = ['http', 'grpc']
const given = await collectorBinary({ given: process.env['OTELCOL_BIN'] ?? null })
if (given === null) process.stderr.write('*** NOT RUN: the Collector: no Go and no OTELCOL_BIN\n')

const chosen = CONTENDERS.filter(
  (contender) =>
    values.contenders.split(',').includes(contender) &&
    (given !== null || contender.startsWith('receiver')),
)
const cases: readonly Case[] = SIZES.filter((size) =>
  values.sizes.split(',').includes(size),
).flatMap((size) =>
  PROTOCOLS.filter((protocol) => values.protocols.split(',').includes(protocol)).flatMap(
    (protocol) => chosen.map((contender) => ({ contender, protocol, size })),
  ),
)

const writeTable = (): void => {
  const lines = existsSync(RUNS) ? readFileSync(RUNS, 'utf8').trim().split('\n') : []
  const runs = lines.map((line): Run => JSON.parse(line))
  const sections = SIZES.flatMap((size) =>
    PROTOCOLS.map((protocol) => sectionOf(runs, size, protocol)),
  )
  const loads = runs.map(({ load }) => Math.round(load)).toSorted((a, b) => a - b)
  const [cpu] = cpus()
  const head = [
    '# Receiver benchmark',
    '`npm run bench -- receiver --rounds 5`; every run is a line of `receiver.jsonl`.',
    `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, Node ${process.version}; broker, sender, receiving process and whatever else ran share these processors: the load average was ${loads.at(0)} to ${loads.at(-1)}. CPU seconds are the figures to compare.`,
    'A run starts its contender anew, warms it with 30 % of the requests, measures the rest (8 requests at a time, traces of ten spans, 500 spans of the small or 100 of the large ones a request, without compression), kills it by SIGKILL and counts in the log: *missing* are acknowledged spans that are not there, *doubled* those that are there twice. Cells are least / **median** / greatest; ratios are of medians, `receiver` being NeoSigma’s before Kafka. All of them answer when the log has confirmed.',
  ]
  writeFileSync(TABLE, `${[...head, ...sections.filter((text) => text !== '')].join('\n\n')}\n`)
}

const measure = async (rounds: number): Promise<void> => {
  const stage = await openStage(given ?? '', {
    '1.2 kB': Number(values.spans),
    '10 kB': Number(values['large-spans']),
  })
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const one of cases) {
        const line = JSON.stringify(await stage.run(one))
        appendFileSync(RUNS, `${line}\n`)
        process.stdout.write(`${line}\n`)
      }
  } finally {
    await stage.close()
  }
}

if (Number(values.rounds) > 0) await measure(Number(values.rounds))
writeTable()
