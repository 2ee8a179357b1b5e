// Runs a benchmark and keeps what it prints: `npm run bench -- NAME [ARGUMENT…]`; without a name it lists them.
import { spawn } from 'node:child_process'
import { createWriteStream, globSync, mkdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { basename, join } from 'node:path'

const FOLDER = import.meta.dirname
const RESULTS = join(FOLDER, 'results')
const BYTES_PER_GIB = 2 ** 30

const benchmarks = globSync('*.ts', { cwd: FOLDER })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'run')
  .sort()

const machineLine = (): string => {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / BYTES_PER_GIB)
  return `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${memory} GiB, ${process.platform}, Node ${process.version}`
}

/** Shows what the benchmark prints and writes it to its file of results. Resolves with its exit status. */
const run = (name: string, options: readonly string[]): Promise<number> => {
  mkdirSync(RESULTS, { recursive: true })
  const file = createWriteStream(join(RESULTS, `${name}.txt`))
  const show = (text: string | Buffer): void => {
    process.stdout.write(text)
    file.write(text)
  }
  show(`npm run bench -- ${[name, ...options].join(' ')}\n${machineLine()}\n\n`)
  const child = spawn(process.execPath, [join(FOLDER, `${name}.ts`), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.on('data', show)
  return new Promise((resolve) => {
    child.on('close', (status) => file.end(() => resolve(status ?? 1)))
  })
}

const [name, ...options] = process.argv.slice(2)
if (name !== undefined && benchmarks.includes(name)) {
  process.exitCode = await run(name, options)
} else {
  process.stdout.write(`npm run bench -- NAME, with one of: ${benchmarks.join(', ')}\n`)
  process.exitCode = name === undefined ? 0 : 2
}
