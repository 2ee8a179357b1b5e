import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { guardIdleQueues } from '../../../../pipeline/event-log/kafka/idle-guard.ts'

interface Queue {
  throttledUntil: number
  throttleCheckTimeoutId: unknown
  checkPendingRequests(): void
  destroy(): void
}

const RequestQueue = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
) as new (
  options: object,
) => Queue

const aQueue = (): Queue =>
  new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1000, logger: { debug: () => {} } })

test('a queue with nothing to send keeps no timer, a throttled one wakes up', () => {
  guardIdleQueues()
  const idle = aQueue()
  idle.checkPendingRequests()
  expect(idle.throttleCheckTimeoutId).toBeNull()
  const throttled = aQueue()
  throttled.throttledUntil = Date.now() + 60_000
  throttled.checkPendingRequests()
  expect(throttled.throttleCheckTimeoutId).not.toBeNull()
  throttled.destroy()
})
