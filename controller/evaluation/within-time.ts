import { createContext, Script } from 'node:vm'

const CALL = new Script('work()')

/**
 * The result of synchronous work, or null when it takes longer than `ms`. A pattern over an agent's answer can take
 * for ever (catastrophic backtracking); only V8's own interruption ends it, and `vm` is where Node offers that.
 */
export const withinTime = <Result>(ms: number, work: () => Result): { value: Result } | null => {
  try {
    return { value: CALL.runInContext(createContext({ work }), { timeout: ms }) as Result }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null
    throw error
  }
}
