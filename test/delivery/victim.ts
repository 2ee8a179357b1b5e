import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ArmedPoint } from '../support/crossing.ts'
import type { Kill } from './kill-points.ts'

const MAIN = fileURLToPath(new URL('../../deploy/cli/main.ts', import.meta.url))
const PRELOAD = new URL('../support/kill-points.ts', import.meta.url).href
const KEPT_CHARS = 2000
const JUMP_EVERY_MS = '700'

const living = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

export interface VictimOptions {
  /** Of the command line: `start`, or `serve ROLE`. */
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly cwd: string
  /** Where a dying process notes its point. */
  readonly notes: string
}

/** How a process ended: at its point, by us at some moment, or by itself. */
export interface Fallen {
  readonly how: 'point' | 'moment' | 'itself'
  readonly words: string
}

export interface Victim {
  readonly pid: number
  readonly fallen: Promise<Fallen>
  /** By us, in order or at once. */
  end(signal: NodeJS.Signals): Promise<Fallen>
}

/** Starts a process of the system that is to die as the kill says; without one it lives until `end`. */
export const startVictim = (options: VictimOptions, kill: Kill | null = null): Victim => {
  const file = join(options.notes, `fallen-${kill?.number ?? 'never'}`)
  rmSync(file, { force: true })
  const armed: ArmedPoint | null =
    kill === null ? null : { name: kill.point.name, crossing: kill.crossing, file }
  const child = spawn(process.execPath, ['--import', PRELOAD, MAIN, ...options.args], {
    cwd: options.cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      NEOSIGMA_LOG_LEVEL: 'error',
      ...options.variables,
      ...(armed === null ? {} : { NEOSIGMA_TEST_KILL_POINT: JSON.stringify(armed) }),
      ...(kill?.clockJumps === true ? { NEOSIGMA_TEST_CLOCK_JUMPS_MS: JUMP_EVERY_MS } : {}),
    },
  })
  living.add(child)
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = `${words}${String(chunk)}`.slice(-KEPT_CHARS)
  })
  let byUs = false
  const fallen = (async (): Promise<Fallen> => {
    await once(child, 'close')
    living.delete(child)
    if (existsSync(file)) return { how: 'point', words: readFileSync(file, 'utf8') }
    return { how: byUs ? 'moment' : 'itself', words }
  })()
  return {
    pid: child.pid ?? 0,
    fallen,
    end: (signal) => {
      byUs = true
      sendSignal(child, signal)
      return fallen
    },
  }
}

const sendSignal = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
}
