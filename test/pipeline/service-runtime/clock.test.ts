import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { isoOf, systemClock } from '../../../pipeline/service-runtime/clock.ts'

test('a sleep ends by itself and leaves nothing on the signal', async () => {
  const { signal } = new AbortController()
  await systemClock.sleep(1, signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('a signal ends a sleep, before or while it lasts', async () => {
  await systemClock.sleep(2 ** 30, AbortSignal.abort())
  const stopping = new AbortController()
  const sleeping = systemClock.sleep(2 ** 30, stopping.signal)
  stopping.abort()
  await sleeping
})

test('times are written in UTC', () => {
  expect(isoOf(0)).toBe('1970-01-01T00:00:00.000Z')
})
