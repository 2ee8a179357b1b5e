import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError } from '../../schemas/errors.ts'
import { killAtExit } from './kill-at-exit.ts'

export interface LocalProcess {
  /** Sends the signal and resolves when the process has ended; at once where it has ended already. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Closes standard input and resolves when the process has ended. */
  closeInput(): Promise<void>
  /** Resolves when the process has ended, with its last lines. */
  readonly ended: Promise<string>
}

export interface LocalProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly ready: ReadySign
  /** Added to the environment that it inherits. */
  readonly variables?: Readonly<Record<string, string>>
  /** Taken out of it. */
  readonly without?: readonly string[]
  readonly cwd?: string
  /** Gets every line, beside those that are kept for messages. */
  readonly logFile?: string
  /** Out of reach of the terminal's Ctrl-C: whoever starts several ends them in an order. */
  readonly detached?: boolean
}

/** A line of its output that says that it serves, or a question that it answers when it does. */
export type ReadySign = { readonly line: string } | { readonly answers: () => Promise<boolean> }

const START_TIMEOUT_MS = 60_000
const KEPT_LINES = 30
const ASK_EVERY_MS = 50

/**
 * Starts a server as a child and waits until it serves. It is killed when this process exits.
 * @throws ConfigError `tool-missing` with its last lines if it ends or does not serve within a minute.
 */
export const startProcess = async (options: LocalProcessOptions): Promise<LocalProcess> => {
  const child = spawnChild(options)
  killAtExit(child)
  const lines: string[] = []
  const { ready } = options
  const { promise: serves, resolve: isReady } = Promise.withResolvers<'ready'>()
  const file =
    options.logFile === undefined ? null : createWriteStream(options.logFile, { flags: 'a' })
  onLine(child, (line) => {
    file?.write(`${line}\n`)
    lines.push(line)
    if (lines.length > KEPT_LINES) lines.shift()
    if ('line' in ready && line.includes(ready.line)) isReady('ready')
  })
  const ended = once(child, 'close').finally(() => {
    file?.end()
  })
  const over = new AbortController()
  if ('answers' in ready) void askUntil(ready.answers, over.signal).then(() => isReady('ready'))
  const outcome = await within(START_TIMEOUT_MS, [serves, ended.then(() => 'ended' as const)])
  over.abort()
  if (outcome !== 'ready') {
    child.kill('SIGKILL')
    throw new ConfigError(
      'tool-missing',
      `${options.command} did not start (${outcome}):\n${lines.join('\n')}`,
    )
  }
  return {
    ended: ended.then(() => lines.join('\n')),
    end: async (signal) => {
      child.kill(signal)
      await ended
    },
    closeInput: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** `env` adds to the environment that is inherited, without our reading it. */
const spawnChild = (options: LocalProcessOptions): ChildProcessWithoutNullStreams => {
  const { command, args, cwd, variables = {}, without = [], detached = false } = options
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  const removals = without.flatMap((name) => ['-u', name])
  return spawn('env', [...removals, ...assignments, command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached,
    ...(cwd === undefined ? {} : { cwd }),
  })
}

const onLine = (child: ChildProcessWithoutNullStreams, take: (line: string) => void): void => {
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', take)
}

const askUntil = async (answers: () => Promise<boolean>, over: AbortSignal): Promise<void> => {
  while (!over.aborted && !(await answers().catch(() => false))) await pause(ASK_EVERY_MS)
}

const within = async <Outcome>(
  ms: number,
  outcomes: readonly Promise<Outcome>[],
): Promise<Outcome | 'timed out'> => {
  const { promise: late, resolve } = Promise.withResolvers<'timed out'>()
  const timer = setTimeout(() => resolve('timed out'), ms)
  try {
    return await Promise.race([...outcomes, late])
  } finally {
    clearTimeout(timer)
  }
}
