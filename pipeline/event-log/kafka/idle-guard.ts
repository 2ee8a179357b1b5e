import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  scheduleCheckPendingRequests(): void
}

let isGuarded = false

/**
 * kafkajs 2.2.4 re-arms a timer with a delay in the past after every request, on every connection and for ever: an idle
 * consumer burns about 3 % of a core. Nothing waits and nothing is throttled: then there is nothing to check again.
 */
export const guardIdleQueues = (): void => {
  if (isGuarded) return
  isGuarded = true
  const { prototype } = createRequire(import.meta.url)(
    'kafkajs/src/network/requestQueue/index.js',
  ) as { readonly prototype: RequestQueue }
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}
