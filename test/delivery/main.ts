import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { heavyReport, isBounded } from './heavy-report.ts'
import { heavyTraffic } from './heavy-traffic.ts'
import { isClean, report } from './report.ts'
import { type EngineName, runDelivery } from './run-delivery.ts'

const HELP = `npm run test:delivery -- [options]
Kills the system at named points under load, and counts what was sent, stored and counted.

  --engine embedded|kafka|both   default both
  --kills N                      on each engine, default 200
  --seed TEXT                    default: the time
  --minutes N                    at most so long on an engine, default 30; then the same command with --folder goes on
  --folder PATH                  of what the test keeps; default: a folder of the seed's in the temporary folder
  --heavy                        instead: very many, very wide and very large traces at once, and the memory of the roles
  --traces N                     of --heavy, default 100000
  --results FILE                 the tables are appended here, too

Exit status: 0 all equal, 1 something differs, 75 the time was over before the last kill.
`

const ENGINES: readonly EngineName[] = ['embedded', 'kafka']

const start = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: 'both' },
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now()) },
      minutes: { type: 'string', default: '30' },
      folder: { type: 'string' },
      results: { type: 'string' },
      heavy: { type: 'boolean', default: false },
      traces: { type: 'string', default: '100000' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { seed } = values
  if (values.heavy) return heavy(Number(values.traces), values.results)
  let status = 0
  for (const engine of ENGINES.filter((name) => [name, 'both'].includes(values.engine))) {
    const folder = join(values.folder ?? join(tmpdir(), `neosigma-delivery-${seed}`), engine)
    process.stdout.write(`delivery on ${engine}: --seed ${seed}, kept in ${folder}\n`)
    const begun = performance.now()
    const delivery = await runDelivery({
      engine,
      seed,
      folder,
      kills: Number(values.kills),
      withFaults: true,
      budgetMs: Number(values.minutes) * 60_000,
      say: (text) => {
        const seconds = Math.round((performance.now() - begun) / 1000)
        process.stdout.write(`${engine} ${seconds} s: ${text}\n`)
      },
    })
    const text = report(delivery)
    process.stdout.write(`\n${text}\n`)
    if (values.results !== undefined) appendFileSync(values.results, `${text}\n`)
    if (delivery.figures === null) status ||= 75
    else if (!isClean(delivery)) status = 1
  }
  return status
}

const heavy = async (traces: number, results: string | undefined): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'neosigma-heavy-'))
  const say = (text: string): void => void process.stdout.write(`heavy: ${text}\n`)
  const result = await heavyTraffic({ folder, traces, wide: 10_000, huge: 100, say })
  rmSync(folder, { recursive: true, force: true })
  const text = heavyReport(result)
  process.stdout.write(`\n${text}\n`)
  if (results !== undefined) appendFileSync(results, `${text}\n`)
  return isBounded(result) ? 0 : 1
}

// What was started ends with us, however we end.
if (import.meta.main)
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => process.exit(130))

if (import.meta.main) process.exitCode = await start(process.argv.slice(2))
