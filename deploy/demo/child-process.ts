import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Child {
  readonly name: string
  /** Lines of its standard output from now on. */
  onLine(listener: (line: string) => void): void
  /** Resolves with the first line that `read` makes something of; rejects if the process ends before. */
  first<T>(read: (line: string) => T | null, timeoutMs: number): Promise<T>
  stop(): Promise<void>
  /** The last lines of its standard error, to explain an end. */
  lastWords(): string
}

export interface ChildOptions {
  readonly name: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: string
}

const STOP_TIMEOUT_MS = 10_000
const KEPT_LINES = 20

/** Starts a Node process of its own. */
export const startChild = ({ name, args, environment, cwd }: ChildOptions): Child => {
  const child = spawn(process.execPath, args, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
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
    onLine: (listener) => listeners.add(listener),
    lastWords: () => words.join('\n'),
    first: (read, timeoutMs) => firstLine({ child, listeners, name, words }, read, timeoutMs),
    stop: () => stop(child),
  }
}

interface Parts {
  readonly child: ChildProcess
  readonly listeners: Set<(line: string) => void>
  readonly name: string
  readonly words: readonly string[]
}

const firstLine = <T>(
  { child, listeners, name, words }: Parts,
  read: (line: string) => T | null,
  timeoutMs: number,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      finish()
      reject(new Error(`${name} ${why}\n${words.join('\n')}`))
    }
    const onExit = (): void => fail('ended before it was ready')
    const timer = setTimeout(() => fail(`was not ready after ${timeoutMs} ms`), timeoutMs)
    const listener = (line: string): void => {
      const found = read(line)
      if (found === null) return
      finish()
      resolve(found)
    }
    const finish = (): void => {
      clearTimeout(timer)
      listeners.delete(listener)
      child.off('exit', onExit)
    }
    listeners.add(listener)
    child.once('exit', onExit)
  })

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
