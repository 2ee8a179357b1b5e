import type { LogFile } from './log-file.ts'

const POLL_MS = 100

export interface ChangeSignal {
  /** Resolves at the next change, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Something changed in this process. */
  notify(): void
  close(): void
}

/** Wakes those who wait for records or members: at once for changes of this process, by a cheap poll for others'. */
export const openChangeSignal = ({ state }: LogFile): ChangeSignal => {
  let seenVersion = 0
  const waiters = new Set<(reason: unknown) => void>()
  const selectVersion = state.prepare('PRAGMA data_version')
  const fileVersion = (): number => {
    try {
      return Number(selectVersion.get()?.['data_version'])
    } catch {
      // A timer has nobody to tell. Those who wait look at the file themselves before long, and meet the same error.
      return seenVersion
    }
  }
  let timer: NodeJS.Timeout | null = null

  const notify = (): void => {
    for (const wake of [...waiters]) wake(undefined)
  }
  const poll = (): void => {
    timer = null
    const version = fileVersion()
    if (version !== seenVersion) {
      seenVersion = version
      notify()
    }
    schedule()
  }
  const schedule = (): void => {
    if (timer === null && waiters.size > 0) timer = setTimeout(poll, POLL_MS)
  }

  return {
    notify,
    wait: async (ms, signal) => {
      if (signal.aborted) return
      const { promise, resolve } = Promise.withResolvers<unknown>()
      const limit = setTimeout(resolve, ms)
      waiters.add(resolve)
      signal.addEventListener('abort', resolve, { once: true })
      schedule()
      await promise
      waiters.delete(resolve)
      signal.removeEventListener('abort', resolve)
      clearTimeout(limit)
    },
    close: () => {
      if (timer !== null) clearTimeout(timer)
      notify()
    },
  }
}
