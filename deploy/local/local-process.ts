import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError } from '../../schemas/errors.ts'

export interface LocalProcess {
  /** Sends the signal and resolves when the process has ended; at once where it has ended already. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Closes standard input and resolves when the process has ended. */
  closeInput(): Promise<void>
}

export interface LocalProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly ready: ReadySign
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
  const child = spawn(options.command, options.args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const killWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const ended = once(child, 'close').finally(() => process.off('exit', killWithUs))
  const { ready } = options
  const lines: string[] = []
  const { promise: serves, resolve: isReady } = Promise.withResolvers<'ready'>()
  onLine(child, (line) => {
    lines.push(line)
    if (lines.length > KEPT_LINES) lines.shift()
    if ('line' in ready && line.includes(ready.line)) isReady('ready')
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
    end: async (signal) => {
      child.kill(signal)
      await ended
    },
    closeInput: async () => {
      child.stdin?.end()
      await ended
    },
  }
}

const onLine = (child: ChildProcess, take: (line: string) => void): void => {
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on('line', take)
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
