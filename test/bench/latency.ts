// How long after a span was sent it can be queried, its run is listed, and its failure stands in a ranked cluster.
// `npm run bench -- latency [--systems embedded,local] [--sizes …] [--rounds N] [--fresh]`; a call adds to those before it.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { latencyPage } from './latency/latency-table.ts'
import { type LatencyRun, measureLatency } from './latency/measure-latency.ts'
import type { SystemName } from './latency/systems.ts'
import type { SpanSize } from './pipeline/gen-ai-spans.ts'

const { values } = parseArgs({
  options: {
    systems: { type: 'string', default: 'embedded,local' },
    sizes: { type: 'string', default: '1.2 kB,10 kB' },
    /** runs.quietMs; its default is 5000. */
    'quiet-ms': { type: 'string', default: '5000' },
    'per-second': { type: 'string', default: '50' },
    seconds: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '1' },
    /** Forgets the runs of calls before this one. */
    fresh: { type: 'boolean', default: false },
  },
})
const SYSTEMS: readonly SystemName[] = ['embedded', 'local']
const SIZES: readonly SpanSize[] = ['1.2 kB', '10 kB']
const RESULTS = join(import.meta.dirname, 'results')
const RUNS = join(RESULTS, 'latency.jsonl')
mkdirSync(RESULTS, { recursive: true })
if (values.fresh) rmSync(RUNS, { force: true })

for (let round = 0; round < Number(values.rounds); round += 1)
  for (const system of SYSTEMS.filter((name) => values.systems.split(',').includes(name)))
    for (const size of SIZES.filter((name) => values.sizes.split(',').includes(name))) {
      const run = await measureLatency({
        system,
        size,
        quietMs: Number(values['quiet-ms']),
        perSecond: Number(values['per-second']),
        seconds: Number(values.seconds),
      })
      const line = JSON.stringify(run)
      appendFileSync(RUNS, `${line}\n`)
      process.stdout.write(`${line}\n`)
    }

const runs = readFileSync(RUNS, 'utf8')
  .trim()
  .split('\n')
  .map((line): LatencyRun => JSON.parse(line))
writeFileSync(join(RESULTS, 'latency.md'), latencyPage(runs))
