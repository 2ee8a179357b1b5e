import type { Logger } from 'pino'
import { systemClock } from '../../pipeline/service-runtime/clock.ts'
import { ConfigError, TransientError } from '../../schemas/errors.ts'
import type { System } from '../embedded/start-system.ts'
import { tell } from './output.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const LONGEST_STOP_MS = 30_000
const PARENT_POLL_MS = 200
/** A system that is just stopping gets so long to let go of the data folder. */
const FOLDER_PATIENCE_MS = 5000
const FOLDER_POLL_MS = 100

export interface RunOptions {
  readonly logger: Logger
  /** Ends with the process that started it, as if that had passed its signal on. */
  readonly endsWithParent: boolean
}

/**
 * Starts a system and keeps it until a signal comes or a role fails, then drains it. A second signal ends the process at
 * once. @throws the error of the role that failed
 */
export const runUntilStopped = async (
  { logger, endsWithParent }: RunOptions,
  start: (signal: AbortSignal) => Promise<System>,
): Promise<void> => {
  const stopping = new AbortController()
  const signalled = Promise.withResolvers<null>()
  const stop = (): void => {
    stopping.abort()
    signalled.resolve(null)
  }
  for (const name of SIGNALS)
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(130)
      stop()
    })
  if (endsWithParent) whenOrphaned(stop)
  const system = await startUnlessStopped(start, stopping.signal)
  if (system === null) return
  const failure = await Promise.race([system.failed, signalled.promise])
  tell(failure === null ? 'Stopping…' : 'A role ended by itself. Stopping…')
  await stopInTime(system, logger)
  if (failure !== null) throw failure
}

/** When the process that started this one is gone. */
export const whenOrphaned = (act: () => void): void => {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    act()
  }, PARENT_POLL_MS)
  timer.unref()
}

const startUnlessStopped = async (
  start: (signal: AbortSignal) => Promise<System>,
  signal: AbortSignal,
): Promise<System | null> => {
  const untilMs = systemClock.nowMs() + FOLDER_PATIENCE_MS
  for (;;) {
    try {
      return await start(signal)
    } catch (error) {
      if (signal.aborted) return null
      const isHeld = error instanceof ConfigError && error.code === 'data-folder-in-use'
      if (!isHeld || systemClock.nowMs() >= untilMs) throw error
      await systemClock.sleep(FOLDER_POLL_MS, signal)
    }
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
