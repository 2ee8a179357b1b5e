import { createContext, Script } from 'node:vm'

const CALL = new Script('work()')

/** Each may last twice as long as the one before. */
const ATTEMPTS = 5

/**
 * The result of synchronous work, or null when it computes for longer than `ms`. A pattern over an agent's answer can take
 * for ever (catastrophic backtracking); only V8's own interruption ends it, and `vm` is where Node offers that. It
 * goes by the clock on the wall: on a busy machine work that was not given a processor would count as slow, and the agent
 * as failed. So work that was interrupted before it had computed for `ms` is tried again.
 */
export const withinTime = <Result>(ms: number, work: () => Result): { value: Result } | null => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = computingTime()
    try {
      const timeout = ms * 2 ** attempt
      return { value: CALL.runInContext(createContext({ work }), { timeout }) as Result }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      const { user, system } = computingTime(before)
      if ((user + system) / 1000 >= ms) return null
    }
  }
  return null
}

/** Of this thread; before Node 23.9 of the process, which is never less. */
const computingTime: NodeJS.Process['cpuUsage'] = (before) => {
  const ofThread: NodeJS.Process['cpuUsage'] | undefined = process.threadCpuUsage
  return ofThread === undefined ? process.cpuUsage(before) : ofThread(before)
}
