import { pino } from 'pino'
import { expect, test } from 'vitest'
import { loopRole } from '../../../pipeline/service-runtime/loop-role.ts'

const base = { name: 'tester', logger: pino({ level: 'silent' }) }

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()))

test('a role runs until it is stopped, then closes what it opened, in this order', async () => {
  const steps: string[] = []
  const role = loopRole({
    ...base,
    run: async (signal) => {
      steps.push('run')
      await untilAborted(signal)
      steps.push('ended')
    },
    close: async () => {
      steps.push('closed')
    },
  })
  await role.stop()
  expect(steps).toEqual(['run', 'ended', 'closed'])
})

test('an error of the loop is reported once and for all, and stopping still closes', async () => {
  const broken = new Error('broken')
  let closed = false
  const role = loopRole({
    ...base,
    run: async () => {
      throw broken
    },
    close: async () => {
      closed = true
    },
  })
  expect(await role.failed).toBe(broken)
  await role.stop()
  expect(closed).toBe(true)
})

test('what is thrown and is no error is reported as one', async () => {
  const role = loopRole({ ...base, run: () => Promise.reject('broken') })
  expect(await role.failed).toEqual(new Error('broken'))
})

test('an error while it is being stopped is no failure', async () => {
  const role = loopRole({
    ...base,
    run: async (signal) => {
      await untilAborted(signal)
      throw new Error('aborted')
    },
  })
  await role.stop()
  const first = await Promise.race([role.failed, Promise.resolve('nothing')])
  expect(first).toBe('nothing')
})

test('a role says why it is not ready', () => {
  const reasons = ['the store is away']
  expect(loopRole({ ...base, run: async () => {} }).notReady()).toEqual([])
  const role = loopRole({ ...base, run: async () => {}, notReady: () => reasons })
  expect(role.notReady()).toEqual(reasons)
})
