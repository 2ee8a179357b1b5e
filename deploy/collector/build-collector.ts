import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ConfigError } from '../../schemas/errors.ts'

export interface CollectorOptions {
  /** A Collector that is there already (OTELCOL_BIN); it has to hold the components of `builder.yaml`. */
  readonly given?: string | null
  /** Default: NeoSigma's folder in the user's cache. */
  readonly cacheDir?: string
  /** Hears that a build begins, which takes minutes. */
  readonly onBuild?: (folder: string) => void
}

const MANIFEST = fileURLToPath(new URL('builder.yaml', import.meta.url))
const BUILDER = 'go.opentelemetry.io/collector/cmd/builder'
const PUBLIC_PROXY = 'https://proxy.golang.org'
const run = promisify(execFile)

/**
 * The Collector that this folder's configurations run on: the given one, else that of `builder.yaml`, built with Go once
 * per content of the manifest and kept in the cache. null where neither it nor Go is there.
 * @throws ConfigError `tool-missing` where the given one does not run, or the build fails
 */
export const collectorBinary = async ({
  given = null,
  cacheDir = join(homedir(), '.cache', 'neosigma'),
  onBuild,
}: CollectorOptions = {}): Promise<string | null> => {
  if (given !== null) return checked(given)
  const manifest = readFileSync(MANIFEST)
  const digest = createHash('sha256').update(manifest).digest('hex').slice(0, 12)
  const binary = join(cacheDir, `otelcol-${digest}`, 'otelcol')
  if (existsSync(binary)) return binary
  const proxies = await modulesFrom()
  if (proxies === null) return null
  onBuild?.(dirname(binary))
  // Beside its final place and renamed when whole: a build that was cut off is never taken for one that was not.
  const unfinished = `${dirname(binary)}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await build(unfinished, proxies)
    mkdirSync(dirname(binary), { recursive: true })
    renameSync(join(unfinished, 'dist', 'otelcol'), binary)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return binary
}

/** What to say where `collectorBinary` answers null. */
export const COLLECTOR_MISSING =
  'Go cannot be run; put Go 1.25 or newer on the PATH, or name a Collector by OTELCOL_BIN'

const checked = async (binary: string): Promise<string> => {
  try {
    await run(binary, ['--version'])
    return binary
  } catch (cause) {
    throw new ConfigError('tool-missing', `${binary}, the given Collector, does not run.`, {
      cause,
    })
  }
}

/** Where Go gets modules, without the fallback to the hosts of their sources; null where there is no Go. */
const modulesFrom = async (): Promise<string | null> => {
  try {
    const { stdout } = await run('go', ['env', 'GOPROXY'])
    const proxies = stdout.trim().replace(/[,|](direct|off)$/u, '')
    return ['', 'direct', 'off'].includes(proxies) ? PUBLIC_PROXY : proxies
  } catch {
    return null
  }
}

const build = async (folder: string, proxies: string): Promise<void> => {
  const [, version] = /^ {2}version: (\S+)$/mu.exec(readFileSync(MANIFEST, 'utf8')) ?? []
  const manifest = join(folder, 'builder.yaml')
  copyFileSync(MANIFEST, manifest)
  // `env` adds to the environment that is inherited, without our reading it.
  const variables = [`GOPROXY=${proxies}`, `GOBIN=${folder}`]
  const steps = [
    ['go', 'install', `${BUILDER}@v${version}`],
    [join(folder, 'builder'), `--config=${manifest}`],
  ]
  try {
    for (const step of steps)
      await run('env', [...variables, ...step], { cwd: folder, maxBuffer: MOST_OUTPUT })
  } catch (cause) {
    throw new ConfigError('tool-missing', `The Collector was not built: ${lastLines(cause)}`, {
      cause,
    })
  }
}

const MOST_OUTPUT = 64 * 1024 * 1024
const KEPT_LINES = 30

const lastLines = (cause: unknown): string =>
  String(cause).trimEnd().split('\n').slice(-KEPT_LINES).join('\n')
