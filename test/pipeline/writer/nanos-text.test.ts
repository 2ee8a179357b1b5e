import { expect, test } from 'vitest'
import { SOME_NANOS } from '../../support/an-otlp-span.ts'
import { nanosText } from '../../support/otlp-rows/nanos-text.ts'

test.each([
  [0n, '1970-01-01 00:00:00.000000000'],
  [1n, '1970-01-01 00:00:00.000000001'],
  [SOME_NANOS, '2026-03-01 10:00:00.123456789'],
  [2n ** 63n - 1n, '2262-04-11 23:47:16.854775807'],
  [2n ** 63n, '2262-04-11 23:47:16.854775807'],
  [2n ** 64n - 1n, '2262-04-11 23:47:16.854775807'],
])('%d ns is %s', (nanos, text) => {
  expect(nanosText(nanos)).toBe(text)
})
