import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePorts } from '../../deploy/local/free-ports.ts'
import { eventually } from './log-reading.ts'

export interface RoleProcess {
  readonly role: string
  /** Of its own door: `/readyz`, `/metrics`. */
  readonly healthUrl: string
  /** Kills it without warning and starts it again; resolves when it is ready. */
  dieAndReturn(): Promise<void>
  /** Ends it by the signal; its exit status, null where the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
  stop(): Promise<void>
}

const MAIN = new URL('../../deploy/cli/main.ts', import.meta.url).pathname
const READY_MS = 60_000

/** `neosigma serve ROLE` in a process of its own, ready. What it says on standard error goes to `onLine`. */
export const startRoleProcess = async (
  role: string,
  variables: Readonly<Record<string, string>>,
  /** Where its configuration file lies, if it has one. */
  cwd?: string,
): Promise<RoleProcess> => {
  const [healthPort = 0] = await freePorts(1)
  const environment = {
    PATH: process.env['PATH'] ?? '',
    NEOSIGMA_HEALTH_PORT: String(healthPort),
    NEOSIGMA_LOG_LEVEL: 'warn',
    ...variables,
  }
  let child: ChildProcess | null = null
  let words: string[] = []
  const start = async (): Promise<void> => {
    words = []
    const started = spawn(process.execPath, [MAIN, 'serve', role], {
      env: environment,
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    started.stderr.on('data', (chunk) => words.push(String(chunk)))
    await eventually(async () => {
      if (started.exitCode !== null) throw new Error(`${role} ended:\n${words.join('')}`)
      return await isReady(healthPort)
    }, READY_MS).catch((error: unknown) => {
      throw new Error(`${role} is not ready: ${words.join('')}`, { cause: error })
    })
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child === null) return null
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const closed = once(child, 'close')
    child.kill(signal)
    const [status] = (await closed) as [number | null]
    return status
  }
  await start()
  return {
    role,
    dieAndReturn: async () => {
      await end('SIGKILL')
      await start()
    },
    healthUrl: `http://127.0.0.1:${healthPort}`,
    end,
    stop: async () => {
      await end('SIGKILL')
    },
  }
}

const isReady = async (port: number): Promise<boolean> => {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
    return answer.ok
  } catch {
    return false
  }
}
