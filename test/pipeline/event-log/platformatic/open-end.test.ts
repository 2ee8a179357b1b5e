import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { openEnd } from '../../../../pipeline/event-log/platformatic/open-end.ts'

const NEVER = new Promise<string>(() => undefined)

describe('the end of a session', () => {
  test('is met by whoever waits for work, and by whoever comes later', async () => {
    const end = openEnd()
    const waited = end.unless(NEVER)
    end.reach()
    expect(await waited).toBeNull()
    expect(await end.unless(NEVER)).toBeNull()
  })

  test('leaves results and errors of the work as they are', async () => {
    const end = openEnd()
    expect(await end.unless(Promise.resolve('done'))).toBe('done')
    await expect(end.unless(Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  })

  test('keeps nothing of what a work has brought', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = runInNewContext('gc')
    const end = openEnd()
    const brought: WeakRef<object>[] = []
    for (let round = 0; round < 20; round += 1) {
      const result = { records: new Uint8Array(1000) }
      brought.push(new WeakRef(result))
      await end.unless(Promise.resolve(result))
    }
    // A WeakRef holds on until the turn of the event loop ends.
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    const held = brought.filter((one) => one.deref() !== undefined)
    expect(held.length).toBeLessThanOrEqual(1)
    end.reach()
  })
})
