import { AsyncLocalStorage } from 'node:async_hooks'

const offsetMs = new AsyncLocalStorage<number>()
const realNow = Date.now

/**
 * Lets one request happen in the past: `Date.now` is set back while it is answered, so that the telemetry of the request
 * carries the earlier time. It is how a demonstration gets three days of traffic in a minute.
 */
export const allowBackdating = (): void => {
  Date.now = () => realNow() + (offsetMs.getStore() ?? 0)
}

export const atTime = <T>(timeMs: number | null, work: () => T): T =>
  timeMs === null ? work() : offsetMs.run(timeMs - realNow(), work)
