import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../deploy/cli/main.ts', import.meta.url))

export interface CliOptions {
  readonly dataDir: string
  readonly environment?: Readonly<Record<string, string>>
  /** Working directory; default: the data folder's parent. */
  readonly cwd?: string
  /** Closes standard output after so many bytes, as `head` does. */
  readonly readsOnly?: number
}

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command line as a user types it, in a process of its own. */
export const runCli = async (args: readonly string[], options: CliOptions): Promise<CliResult> => {
  const child = spawnCli(args, options)
  const parts = collect(child)
  const { readsOnly } = options
  if (readsOnly !== undefined)
    child.stdout.on('data', () => {
      if (parts().stdout.length >= readsOnly) child.stdout.destroy()
    })
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, ...parts() }
}

export interface StartedCli {
  readonly child: ChildProcess
  /** As in `api.json`. */
  readonly url: string
  readonly grpcPort: number
  readonly httpPort: number
  output(): Omit<CliResult, 'status'>
  /** Sends the signal and answers the exit status, null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const READY_MS = 60_000
const POLL_MS = 25

/** `neosigma start` (or other arguments) on free ports, once it is ready. */
export const startCli = async (
  options: CliOptions,
  args: readonly string[] = ['start'],
): Promise<StartedCli> => {
  const child = spawnCli(args, options)
  const output = collect(child)
  const closed = once(child, 'close')
  const untilMs = Date.now() + READY_MS
  for (;;) {
    const file = readApiFile(options.dataDir, child.pid)
    if (file !== null && (await isReady(file.url)))
      return {
        child,
        url: file.url,
        grpcPort: file.otlpGrpcPort,
        httpPort: file.otlpHttpPort,
        output,
        end: async (signal) => {
          child.kill(signal)
          const [status] = (await closed) as [number | null]
          return status
        },
      }
    if (child.exitCode !== null || Date.now() > untilMs) {
      child.kill('SIGKILL')
      throw new Error(`neosigma ${args.join(' ')} is not ready: ${JSON.stringify(output())}`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const spawnCli = (args: readonly string[], { dataDir, environment, cwd }: CliOptions) =>
  spawn(process.execPath, [MAIN, ...args], {
    cwd: cwd ?? join(dataDir, '..'),
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NEOSIGMA_DATA_DIR: dataDir,
      NEOSIGMA_OTLP_GRPC_PORT: '0',
      NEOSIGMA_OTLP_HTTP_PORT: '0',
      NEOSIGMA_API_PORT: '0',
      NEOSIGMA_HEALTH_PORT: '0',
      NEOSIGMA_RUN_QUIET_MS: '200',
      NEOSIGMA_LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const collect = (child: ReturnType<typeof spawnCli>): (() => Omit<CliResult, 'status'>) => {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  return () => ({ stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) })
}

interface ApiFile {
  readonly url: string
  readonly pid: number
  readonly otlpGrpcPort: number
  readonly otlpHttpPort: number
}

/** That of this process: one that was killed before leaves its own. */
const readApiFile = (dataDir: string, pid: number | undefined): ApiFile | null => {
  try {
    const file = JSON.parse(readFileSync(join(dataDir, 'api.json'), 'utf8')) as ApiFile
    return file.pid === pid ? file : null
  } catch {
    return null
  }
}

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}
