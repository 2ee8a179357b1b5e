import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { ConfigurationInput } from '../../pipeline/service-runtime/configuration.ts'

export interface LogChildTask {
  readonly configuration: ConfigurationInput
  readonly act: 'hold' | 'append' | 'consume' | 'guard'
  readonly topic: string
  readonly group?: string
  readonly bytes?: number
  /** Of `guard`: the value that ends the process, and how. */
  readonly poison?: string
  /** How far its clock is ahead. */
  readonly aheadMs?: number
  readonly how?: 'throw' | 'exit' | 'kill'
}

export interface LogChild {
  /** What it has said so far. */
  readonly said: unknown[]
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<unknown>
  send(signal: NodeJS.Signals): void
  /** Ends it by the signal; resolves when all that it said has been read. */
  end(signal: NodeJS.Signals): Promise<void>
}

const FILE = new URL('./log-child.ts', import.meta.url).pathname

/** Starts a process on the same log; it is killed at the end of the test. */
export const startLogChild = (task: LogChildTask): LogChild => {
  const child: ChildProcess = spawn(process.execPath, [FILE, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: unknown[] = []
  const { stdout } = child
  if (stdout === null) throw new Error('the child has no output')
  createInterface({ input: stdout }).on('line', (line) => {
    // A killed process may leave half a line.
    try {
      said.push(JSON.parse(line))
    } catch {}
  })
  const ended = once(child, 'close')
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return {
    said,
    ended,
    send: (signal) => void child.kill(signal),
    end: async (signal) => {
      child.kill(signal)
      await ended
    },
  }
}
