import { expect, test } from 'vitest'
import { openRendezvous } from '../../../../pipeline/event-log/kafka/rendezvous.ts'

const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(() => 'done'),
    new Promise<string>((resolve) => setImmediate(() => resolve('waiting'))),
  ])

test('an item is done when the next one is asked for', async () => {
  const { offer, take } = openRendezvous<number>()
  const first = offer(1)
  expect(await take()).toBe(1)
  expect(await outcomeOf(first)).toBe('waiting')
  const next = take()
  expect(await outcomeOf(first)).toBe('done')
  void offer(2)
  expect(await next).toBe(2)
})

test('after the end nothing is given out, and the item at hand stays at hand until released', async () => {
  const { offer, take, close, release } = openRendezvous<number>()
  const atHand = offer(1)
  const waiting = offer(2)
  await take()
  close()
  expect(await outcomeOf(atHand)).toBe('waiting')
  expect(await outcomeOf(waiting)).toBe('waiting')
  release()
  expect(await outcomeOf(Promise.all([atHand, waiting, offer(3)]))).toBe('done')
  expect(await take()).toBeNull()
})

test('who waits learns of the end and of a failure', async () => {
  const closing = openRendezvous<number>()
  const ended = closing.take()
  closing.close()
  expect(await ended).toBeNull()
  const failing = openRendezvous<number>()
  const failed = failing.take()
  failing.fail(new Error('gone'))
  await expect(failed).rejects.toThrow('gone')
})
