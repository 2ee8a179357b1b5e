import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openAppendQueue } from '../../../pipeline/event-log/append-queue.ts'
import type { NewRecord } from '../../../pipeline/event-log/event-log.ts'
import { InvalidInputError, TransientError } from '../../../schemas/errors.ts'
import { aRecord, numbered } from '../../support/log-reading.ts'

const keysOf = (records: readonly NewRecord[]): readonly (string | null)[] =>
  records.map(({ key }) => key)

const keyed = (...keys: readonly string[]): NewRecord[] => keys.map((key) => aRecord('t', { key }))

/** A queue on a store that remembers each write and refuses records with the key `bad`. */
const aQueue = (flushBytes = 1000) => {
  const writes: (readonly (string | null)[])[] = []
  const queue = openAppendQueue((records) => {
    const keys = keysOf(records)
    if (keys.includes('bad')) throw new InvalidInputError('topic-unknown', 'bad')
    if (keys.includes('full')) throw new TransientError('log-full', 'full')
    writes.push(keys)
  }, flushBytes)
  return { queue, writes }
}

describe('append queue', () => {
  test('appends that arrive together are stored by one write, in order of arrival', async () => {
    const { queue, writes } = aQueue()
    await Promise.all([keyed('a', 'b'), keyed('c'), keyed('d')].map(queue.append))
    expect(writes).toEqual([['a', 'b', 'c', 'd']])
  })

  test('what arrives during a write waits for the next one', async () => {
    const held = Promise.withResolvers<void>()
    const writes: (readonly (string | null)[])[] = []
    const begun = Promise.withResolvers<void>()
    const queue = openAppendQueue(async (records) => {
      writes.push(keysOf(records))
      begun.resolve()
      await held.promise
    }, 1000)
    const first = queue.append(keyed('a'))
    await begun.promise
    const rest = ['b', 'c'].map((key) => queue.append(keyed(key)))
    expect(writes).toEqual([['a']])
    held.resolve()
    await Promise.all([first, ...rest])
    expect(writes).toEqual([['a'], ['b', 'c']])
  })

  test('a write takes as much as fits, and at least one append', async () => {
    const { queue, writes } = aQueue(10)
    await Promise.all(['a', 'b', 'c'].map((key) => queue.append(keyed(key, key, key))))
    expect(writes.map((keys) => keys.join(''))).toEqual(['aaa', 'bbb', 'ccc'])
  })

  test('an append that can never be stored fails alone', async () => {
    const { queue, writes } = aQueue()
    const appended = await Promise.allSettled(
      [keyed('a'), keyed('bad', 'b'), keyed('c')].map(queue.append),
    )
    expect(appended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(writes).toEqual([['a'], ['c']])
  })

  test('a store that is full fails all that were to be stored together, and is tried again later', async () => {
    const { queue, writes } = aQueue()
    const appended = await Promise.allSettled([keyed('a'), keyed('full')].map(queue.append))
    expect(appended.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await queue.append(keyed('b'))
    expect(writes).toEqual([['b']])
  })

  test('a record that is too large is refused before it waits', async () => {
    const { queue, writes } = aQueue()
    const tooLarge = aRecord('t', { value: Buffer.alloc(9 * 1024 * 1024) })
    await expect(queue.append([...keyed('a'), tooLarge])).rejects.toMatchObject({
      code: 'record-too-large',
    })
    expect(writes).toEqual([])
  })

  test('closing stores what waits and refuses what comes later', async () => {
    const { queue, writes } = aQueue()
    const waiting = queue.append(keyed('a'))
    await queue.close()
    expect(writes).toEqual([['a']])
    await waiting
    await expect(queue.append(keyed('b'))).rejects.toMatchObject({ code: 'log-unavailable' })
  })

  test('whatever the sizes, every record is stored once, in order, before its append resolves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5), { maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        async (sizes, flushBytes) => {
          const { queue, writes } = aQueue(flushBytes)
          const appends = sizes.map((size, i) =>
            numbered('t', size).map((record) => ({ ...record, key: `${i}/${record.key}` })),
          )
          await Promise.all(
            appends.map(async (records) => {
              await queue.append(records)
              expect(writes.flat()).toEqual(expect.arrayContaining([...keysOf(records)]))
            }),
          )
          expect(writes.flat()).toEqual(appends.flatMap(keysOf))
        },
      ),
    )
  })
})
