import { type Logger, logs } from '@opentelemetry/api'

export interface RunningInstrumentation {
  /** Sends what is left; gives up after `timeoutMs`. Never rejects. */
  flush(timeoutMs?: number): Promise<void>
  /** The same for a process that exits now: blocks for at most `timeoutMs`. */
  flushNow(timeoutMs?: number): void
  /** Flushes and ends. Never rejects. */
  stop(timeoutMs?: number): Promise<void>
}

interface Place {
  readonly running: RunningInstrumentation
  readonly logger: Logger
}

const KEY = Symbol.for('@neosigma/instrumentation running')
const places = globalThis as { [KEY]?: Place | undefined }

/** What runs in this process, of whatever copy of this package. */
export const currentInstrumentation = (): RunningInstrumentation | undefined => places[KEY]?.running

export const setCurrentInstrumentation = (place: Place | undefined): void => {
  places[KEY] = place
}

/** Log records of this package's own: to NeoSigma, also where the global logs belong to an SDK of the host. */
export const ownLogger = (): Logger =>
  places[KEY]?.logger ?? logs.getLogger('@neosigma/instrumentation')

/** Sends what was recorded so far. Resolves when it is sent or the time is over. Never rejects. */
export const flushTelemetry = async (timeoutMs?: number): Promise<void> =>
  currentInstrumentation()?.flush(timeoutMs)
