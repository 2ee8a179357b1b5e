import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { killAtExit } from '../local/kill-at-exit.ts'

export interface Child {
  readonly name: string
  /** Every line of its standard output. */
  onLine(listener: (line: string) => void): void
  /** Resolves when the process has ended, with the last lines of its standard error. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly name: string
  /** Arguments of Node. */
  readonly args: readonly string[]
  /** Added to the environment that it inherits. */
  readonly variables: Readonly<Record<string, string>>
  /** Taken out of it. */
  readonly without?: readonly string[]
  readonly cwd: string
}

const STOP_TIMEOUT_MS = 10_000
const KEPT_LINES = 20

/** Starts a Node process of its own, killed when this one exits. `env` adds to the environment that is inherited, without our reading it. */
export const startChild = ({ name, args, variables, without = [], cwd }: ChildOptions): Child => {
  const assignments = Object.entries(variables).map(([key, value]) => `${key}=${value}`)
  const removals = without.flatMap((key) => ['-u', key])
  const child = spawn('env', [...removals, ...assignments, process.execPath, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  killAtExit(child)
  const listeners = new Set<(line: string) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    for (const listener of listeners) listener(line)
  })
  const words: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line)
    if (words.length > KEPT_LINES) words.shift()
  })
  return {
    name,
    onLine: (listener) => void listeners.add(listener),
    ended: once(child, 'exit').then(() => words.join('\n')),
    stop: () => stop(child),
  }
}

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
