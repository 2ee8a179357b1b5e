import { expect, test } from 'vitest'
import { withinTime } from '../../../controller/evaluation/within-time.ts'

const waitWithoutComputing = (ms: number): string => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  return 'done'
}

test('work that computes for ever is ended', () => {
  expect(
    withinTime(20, () => {
      for (;;);
    }),
  ).toBeNull()
})

test('work that was not given a processor in time is tried again, not called slow', () => {
  expect(withinTime(50, () => waitWithoutComputing(200))).toEqual({ value: 'done' })
})

test('work that waits without end is ended all the same', () => {
  expect(withinTime(5, () => waitWithoutComputing(60_000))).toBeNull()
})

test('what the work throws is thrown', () => {
  expect(() =>
    withinTime(1000, () => {
      throw new RangeError('no')
    }),
  ).toThrow(RangeError)
})
