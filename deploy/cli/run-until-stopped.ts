import type { Logger } from 'pino'
import { TransientError } from '../../schemas/errors.ts'
import type { System } from '../embedded/start-system.ts'
import { tell } from './output.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const LONGEST_STOP_MS = 30_000

/**
 * Starts a system and keeps it until a signal comes or a role fails, then drains it. A second signal ends the process at
 * once. @throws the error of the role that failed
 */
export const runUntilStopped = async (
  logger: Logger,
  start: (signal: AbortSignal) => Promise<System>,
): Promise<void> => {
  const stopping = new AbortController()
  const signalled = Promise.withResolvers<null>()
  for (const name of SIGNALS)
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(130)
      stopping.abort()
      signalled.resolve(null)
    })
  const system = await startUnlessStopped(start, stopping.signal)
  if (system === null) return
  const failure = await Promise.race([system.failed, signalled.promise])
  tell(failure === null ? 'Stopping…' : 'A role ended by itself. Stopping…')
  await stopInTime(system, logger)
  if (failure !== null) throw failure
}

const startUnlessStopped = async (
  start: (signal: AbortSignal) => Promise<System>,
  signal: AbortSignal,
): Promise<System | null> => {
  try {
    return await start(signal)
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}

const stopInTime = async (system: System, logger: Logger): Promise<void> => {
  const late = setTimeout(() => {
    const error = new TransientError(
      'log-unavailable',
      `The system did not stop within ${LONGEST_STOP_MS} ms.`,
    )
    logger.error({ err: error }, 'stopping took too long')
    process.exit(70)
  }, LONGEST_STOP_MS)
  await system.stop()
  clearTimeout(late)
}
